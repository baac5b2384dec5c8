"""The tests touch nothing of the user's and heed nothing of it: a run in the folder, variables in the shell."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import finished
import images
import small

from aelab.data import sources
from aelab.jobs import record

# Left over from a job in another shell; none of them is true here.
LEFT_OVER = {
    record.VARIABLE: "elsewhere 1 0123456789abcdef",
    "AELAB_AUDIT": "nowhere",
    "MNIST_FOLDER": "nowhere",
}

# What follows here; then a test that becomes the run of its folder, some that write results and watch for the end of
# a run, some that start Snakemake and tools.
DISTURBED = (
    "test_surroundings.py",
    "test_runs.py::test_a_killed_run_leaves_no_partial_files",
    "test_specs.py::test_columns_are_written_as_pandas_writes_them",
    "test_bad_input.py::test_each_job_writes_to_a_log_of_its_own",
    "test_project.py::test_snakemake_finds_nothing_to_criticise",
    "test_project.py::test_the_documentation_shows_the_pipeline_of_today",
)

# What a run and tests leave in a clone.
NOT_COPIED = {".git", ".venv", ".venv-gpu", ".cache", ".snakemake", "results", "quick", "__pycache__"}

# Results, but no word of Snakemake's on how they were made: a `snakemake` that looked at them would refuse to go on.
WITHOUT_RECORDS = ("results/models/dense_2/seed-1/weights.npz", "results/metrics.csv")

HOLD = "from aelab.jobs import runs; runs.begin(); print('begun', flush=True); input()"


def test_no_variable_of_a_run_is_heard_of():
    assert not [name for name in os.environ if name.startswith("AELAB_")]


def test_tests_work_in_an_empty_folder_away_from_the_repository(tmp_path):
    assert Path.cwd() == tmp_path and not list(tmp_path.iterdir())
    assert not tmp_path.is_relative_to(small.REPOSITORY)


def test_the_images_are_the_tests_own(mnist):
    assert mnist == images.CACHE / "mnist"


def test_images_are_copied_where_they_are_genuine(tmp_path, monkeypatch):
    files = dict(images.FILES)
    monkeypatch.setattr(images, "FILES", files)
    for n, name in enumerate(files):
        content = bytes([n]) * 100
        files[name] = (hashlib.sha256(content).hexdigest(), len(content))
        for folder in ("damaged", "good"):
            (tmp_path / folder).mkdir(exist_ok=True)
            (tmp_path / folder / name).write_bytes(content)
    (tmp_path / "damaged" / name).write_bytes(content[:-1])
    asked = []

    def good():
        return sources.from_folder(tmp_path / "good", files)

    monkeypatch.setattr(sources, "fetch", lambda source, files: asked.append(source) or good())
    folders = [tmp_path / name for name in ("nowhere", "damaged", "good")]
    folder = images.mnist(tmp_path / "cache", folders)
    assert sources.from_folder(folder, files) == good() and not asked
    (folder / name).write_bytes(b"damaged")
    images.mnist(tmp_path / "cache", folders[:2])
    assert sources.from_folder(folder, files) == good() and len(asked) == 1


def test_a_run_heeds_no_variable_of_another(tmp_path, monkeypatch):
    for name, value in LEFT_OVER.items():
        monkeypatch.setenv(name, value)
    small.write(tmp_path)
    split = "results/data/splits/all_60k.npz"
    command = finished.command(small.REPOSITORY / "Snakefile", tmp_path, "--cores", "1", split)
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0 and (tmp_path / split).exists(), done.stderr


def contents(*folders):
    """Every file in folders with what it holds and when it was written."""
    return {
        path: (path.read_bytes(), path.stat().st_mtime_ns)
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_tests_pass_beside_a_run_and_leave_it_alone(mnist, tmp_path):
    """In a copy of the repository where a run is at work and some results are there, with variables left over."""
    copy = tmp_path / "a laboratory"
    shutil.copytree(small.REPOSITORY, copy, ignore=lambda folder, names: NOT_COPIED & set(names))
    for path in (*WITHOUT_RECORDS, ".snakemake/locks/0.output.lock", "results/.table.csv.1.part"):
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        (copy / path).touch()
    shutil.copytree(mnist, copy / "results/data/mnist")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    path = {"PYTHONPATH": str(copy / "workflow" / "scripts")}
    run = subprocess.Popen(
        [sys.executable, "-c", HOLD],
        cwd=copy,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**kept, **path},
    )
    try:
        assert run.stdout.readline() == "begun\n"
        (copy / "results/.table.csv.1.part").touch()
        before = contents(copy / "results", copy / ".snakemake")
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "pytest",
                "-p",
                "no:xdist",
                "-p",
                "no:cacheprovider",
                "--basetemp",
                tmp_path / "inner",
            ]
            + [f"tests/{name}" for name in DISTURBED]
            + ["--deselect", "tests/test_surroundings.py::test_tests_pass_beside_a_run_and_leave_it_alone"],
            cwd=copy,
            capture_output=True,
            text=True,
            env={**kept, **LEFT_OVER},
        )
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
        assert contents(copy / "results", copy / ".snakemake") == before
        assert run.poll() is None
    finally:
        run.kill()
        run.communicate()

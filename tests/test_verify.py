"""`tools/verify.py` on the finished run and on tables made for it."""

import hashlib
import shutil
import subprocess
import sys

import pytest
import verify
from small import REPOSITORY


@pytest.fixture
def run(tmp_path):
    """A folder with three results and their manifest."""
    files = {"results/metrics.csv": b"model,seed\n", "results/a b.png": b"\x89PNG", "results/models/m/w.npz": b"PK"}
    folder = tmp_path / "a run"
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    lines = [f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items())]
    (folder / verify.MANIFEST).write_text("".join(lines))
    return folder


def test_a_finished_run_agrees_with_its_manifest(finished_run, capsys):
    assert verify.main(["--directory", str(finished_run.folder)]) == 0
    assert "agree" in capsys.readouterr().out


@pytest.mark.skipif(not shutil.which("sha256sum"), reason="there is no sha256sum")
def test_the_manifest_is_what_sha256sum_checks(finished_run):
    command = ["sha256sum", "--check", "--quiet", "--strict", "results/manifest.sha256"]
    assert subprocess.run(command, cwd=finished_run.folder).returncode == 0


def test_the_manifest_is_in_order(finished_run):
    lines = (finished_run.folder / verify.MANIFEST).read_text().splitlines()
    files = [line.split("  ", 1)[1] for line in lines]
    assert files == sorted(files) and len(files) > 100


def test_the_manifest_holds_everything_but_timings_logs_and_checkpoints(finished_run):
    listed = set(verify.read_manifest(finished_run.folder / verify.MANIFEST))
    there = {
        path.relative_to(finished_run.folder).as_posix()
        for path in (finished_run.folder / "results").rglob("*")
        if path.is_file()
    }
    left_out = there - listed
    assert listed <= there
    for file in left_out - {"results/manifest.sha256"}:
        assert file.startswith(("results/logs/", "results/timings/")) or file.endswith("/timings.json"), file


def test_what_differs_is_named(run, capsys):
    (run / "results/a b.png").write_bytes(b"\x89PNG with a date")
    (run / "results/models/m/w.npz").unlink()
    assert verify.main(["--directory", str(run)]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "differs: results/a b.png",
        "missing: results/models/m/w.npz",
        "2 of 3 files differ.",
    ]


def test_against_another_run_and_another_manifest(run, tmp_path, capsys):
    other = tmp_path / "other"
    shutil.copytree(run, other)
    assert verify.main(["--directory", str(run), "--against", str(other)]) == 0
    (other / "results/metrics.csv").write_text("model,seed\nm,1\n")
    (other / verify.MANIFEST).write_text((other / verify.MANIFEST).read_text() + f"{'0' * 64}  results/more.csv\n")
    assert verify.main(["--directory", str(run), "--against", str(other)]) == 1
    out = capsys.readouterr().out
    assert "differs: results/metrics.csv" in out and "missing: results/more.csv" in out
    lines = (run / verify.MANIFEST).read_text().splitlines(keepends=True)
    (tmp_path / "theirs.sha256").write_text("".join(lines[1:]))
    assert verify.main(["--directory", str(run), "--against", str(tmp_path / "theirs.sha256")]) == 1
    assert "only here: results/a b.png" in capsys.readouterr().out


def test_the_files_count_and_not_what_the_manifest_says_of_them(run, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(run, other)
    (run / "results/a b.png").write_bytes(b"changed")
    assert verify.main(["--directory", str(run), "--against", str(other)]) == 1


@pytest.mark.parametrize("content", [None, "not a manifest\n", "abc  results/x\n", f"{'0' * 64} results/x\n"])
def test_nothing_to_compare(run, content, capsys):
    path = run / verify.MANIFEST
    path.unlink()
    if content is not None:
        path.write_text(content)
    assert verify.main(["--directory", str(run)]) == 2
    assert str(path) in capsys.readouterr().err


HEAD = "model,seed,description,epochs,test_mse,test_accuracy,dead_output_pixels\n"
ROW = "dense_2,1,784-50-2-784,800,0.069,0.99,460\n"


@pytest.fixture
def tables(tmp_path):
    """A function that compares two tables of metrics, and gives the exit status."""

    def compare(ours, theirs):
        for name, text in (("ours.csv", ours), ("theirs.csv", theirs)):
            (tmp_path / name).write_text(HEAD + text)
        arguments = ["--metrics", "--directory", str(tmp_path / "ours.csv"), "--against", str(tmp_path / "theirs.csv")]
        return verify.main(arguments)

    return compare


def test_metrics_within_their_tolerances_agree(tables):
    assert tables(ROW, ROW) == 0
    assert tables(ROW, ROW.replace("0.069", "0.0695").replace("0.99,", "0.988,")) == 0
    assert tables(ROW.replace("460", ""), ROW.replace("460", "")) == 0


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("0.069", "0.09", "dense_2, seed 1: test_mse is 0.069 here and 0.09 there"),
        ("0.99,", "0.9,", "test_accuracy"),
        ("800", "801", "epochs is 800 here and 801 there"),
        ("460", "", "dead_output_pixels is 460 here and empty there"),
        ("784-50-2-784", "another", "description is '784-50-2-784' here and 'another' there"),
        ("dense_2", "dense_3", "dense_3, seed 1: only there"),
    ],
)
def test_metrics_beyond_their_tolerances_are_named(tables, capsys, old, new, said):
    assert tables(ROW, ROW.replace(old, new)) == 1
    assert said in capsys.readouterr().out


def test_every_column_has_a_tolerance_with_a_reason(finished_run):
    table = verify.read_metrics(finished_run.folder)
    columns = {column for row in table.values() for column in row}
    for column in columns:
        assert verify.tolerance(column).reason
    assert verify.tolerance("test_mse") is not verify.tolerance("epochs")


def test_the_command_needs_the_standard_library_alone(run):
    done = subprocess.run(
        [sys.executable, "-I", "-S", REPOSITORY / "tools" / "verify.py"], cwd=run, capture_output=True, text=True
    )
    assert done.returncode == 0 and done.stdout == "All 3 files agree.\n", done.stderr

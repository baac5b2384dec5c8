"""One run at a time in a folder; what an earlier one left behind ends or writes nothing."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
import small
from snakemake_starts import snakemake

from aelab.errors import LabError
from aelab.files import atomic
from aelab.jobs import guards, record, runs

HOLD = "from aelab.jobs import runs; runs.begin(); print('begun', flush=True); import time; time.sleep(60)"
# A job: says when it has begun, watches, then tries to write when a line comes in.
JOB = """
import sys
from aelab.files import atomic
from aelab.jobs import guards
guards.watch(interval=0.1)
print("job", flush=True)
sys.stdin.readline()
atomic.write_text("results/answer.txt", "from a job")
print("written", flush=True)
"""


def python(code, folder, **environment):
    """A Python process in a folder, the package importable."""
    return subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment},
    )


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(record, "held", [])
    return tmp_path


def held(folder):
    """A process that is the run of a folder."""
    run = python(HOLD, folder)
    assert run.stdout.readline() == "begun\n"
    return run


def named(folder):
    """The name of the run of a folder."""
    return json.loads((folder / record.RUN).read_text())["run"]


def kill(process):
    process.send_signal(signal.SIGKILL)
    process.communicate()


def test_two_live_runs_exclude_each_other(folder):
    run = held(folder)
    try:
        with pytest.raises(LabError, match=f"another run is at work in this folder .process {run.pid} on"):
            runs.begin(patience=0.3)
        assert f"process {run.pid}" in runs.tidy()
    finally:
        kill(run)
    runs.begin(patience=5)


def test_locks_of_a_killed_run_are_removed_and_those_of_a_live_one_stay(folder):
    run = held(folder)
    locks = folder / ".snakemake" / "locks"
    locks.mkdir()
    for name in ("0.input.lock", "0.output.lock"):
        (locks / name).write_text("results/x")
    runs.tidy()
    assert len(list(locks.iterdir())) == 2
    kill(run)
    assert "killed" in runs.tidy()
    assert not list(locks.iterdir())
    assert runs.tidy() is None


def test_the_lock_of_a_run_that_has_not_begun_stays(folder):
    """It may be making environments for minutes."""
    lock = folder / ".snakemake" / "locks" / "0.input.lock"
    lock.parent.mkdir(parents=True)
    lock.touch()
    code = HOLD.replace("runs.begin()", "runs.hold()") + "; runs.begin()"
    planning = python(
        code.replace("time.sleep(60)", "sys.stdin.readline()").replace("import time", "import sys"), folder
    )
    assert planning.stdout.readline() == "begun\n"
    try:
        assert "about to begin" in runs.tidy() and lock.exists()
    finally:
        kill(planning)
    assert "killed" in runs.tidy() and not lock.exists()


def test_what_holds_a_folder_lets_go_when_the_run_begins(folder):
    runs.hold()
    assert record.planning
    runs.begin()
    try:
        assert not record.planning
        runs.hold()
        runs.release()
        assert not record.planning
    finally:
        record.held.pop().close()


def test_a_killed_run_leaves_no_partial_files(folder):
    (folder / "results" / "models").mkdir(parents=True)
    part = folder / "results" / "models" / ".weights.npz.abc.part"
    part.touch()
    runs.begin()
    assert not part.exists()


def test_jobs_end_soon_after_their_run(folder):
    run = held(folder)
    job = python(JOB, folder, **{record.VARIABLE: named(folder)})
    try:
        assert job.stdout.readline() == "job\n"
        time.sleep(0.5)
        assert job.poll() is None, "a job of a live run ended"
        kill(run)
        assert job.wait(timeout=5) != 0
    finally:
        kill(job)
        kill(run)
    assert not (folder / "results" / "answer.txt").exists()


def test_an_orphan_writes_nothing_once_the_next_run_has_begun(folder):
    """It may have been asleep, or on another machine that does not see the lock."""
    run = held(folder)
    name = named(folder)
    job = python(JOB.replace("guards.watch(interval=0.1)", ""), folder, **{record.VARIABLE: name})
    assert job.stdout.readline() == "job\n"
    kill(run)
    runs.begin()
    atomic.write_text("results/answer.txt", "from the successor")
    out, error = job.communicate("\n")
    assert "written" not in out
    assert "LabError: this job belongs to an earlier run" in error
    assert (folder / "results" / "answer.txt").read_text() == "from the successor"
    assert [path.name for path in (folder / "results").iterdir()] == ["answer.txt"]


def test_a_job_of_the_run_writes(folder):
    run = held(folder)
    job = python(JOB, folder, **{record.VARIABLE: named(folder)})
    out, error = job.communicate("\n")
    kill(run)
    assert out.endswith("written\n"), error
    assert (folder / "results" / "answer.txt").read_text() == "from a job"


def test_a_folder_that_vanishes_ends_no_job(folder):
    """`rm -rf .snakemake` while a run is alive says nothing about the run."""
    assert not guards.over("host 1 abc")
    (folder / ".snakemake").mkdir(exist_ok=True)
    (folder / record.RUN).touch()
    assert not guards.over("host 1 abc")
    (folder / record.RUN).write_text("host 2 def")
    assert guards.over("host 1 abc")


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError), atomic.replacing(path, "w") as file:
        file.write("new")
        file.flush()
        raise ZeroDivisionError
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_leaves_the_old_file_and_says_so(tmp_path):
    """A limit on the size of files stands for the full disk: the write fails half-way with the same error."""
    code = (
        "import resource; from aelab.files import atomic\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "import numpy as np\n"
        "atomic.write_array('array.npy', np.zeros(1000))\n"
    )
    (tmp_path / "array.npy").write_bytes(b"old")
    process = python(code, tmp_path)
    _, error = process.communicate()
    assert process.returncode and "LabError: array.npy could not be written" in error and "Make room" in error
    assert (tmp_path / "array.npy").read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["array.npy"]


def test_too_little_room_is_said_beforehand(tmp_path):
    with pytest.raises(LabError, match=r"training a needs 999,999,.* MB; the disk of .* has .* MB left. Make room"):
        atomic.check_room(tmp_path / "not" / "yet", 10**18 - 10**12, "training a")
    atomic.check_room(tmp_path, 1, "a table")


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path):
    (tmp_path / "results").write_text("a file where a folder should be")
    with pytest.raises(LabError, match="results cannot be written to: .*allow writing"):
        atomic.check_writable(tmp_path / "results")


CHOOSING = """
import sys
sys.path.append({scripts!r})
from aelab.plan import snakemake_gaps
from snakemake.scheduling.job_scheduler import JobScheduler
snakemake_gaps.close(workflow, workflow.basedir)
choose = JobScheduler.job_selector

def told(scheduler, jobs):
    with open("choices", "a") as file:
        file.write("another\\n")
    return choose(scheduler, jobs)

JobScheduler.job_selector = told

rule all:
    input: "a", "b", "c"

rule one:
    output: "{{name}}"
    shell: "sleep 1.2; touch {{output}}"
"""


def test_jobs_are_chosen_when_one_has_ended_and_not_by_the_clock(tmp_path):
    """Once each for three jobs and for `all`; with a clock that ticks each second, more often."""
    (tmp_path / "Snakefile").write_text(CHOOSING.format(scripts=str(small.REPOSITORY / "workflow" / "scripts")))
    done = snakemake("--cores", "1", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert len((tmp_path / "choices").read_text().split()) == 4

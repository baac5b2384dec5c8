"""Jobs of an environment are forks of one process that has loaded its libraries."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from small import REPOSITORY

WORKFLOW = """
import sys
sys.path.append({scripts!r})
from aelab.plan import snakemake_gaps
snakemake_gaps.close(workflow, workflow.basedir)

rule all:
    input: expand("{{name}}.json", name={names!r})

rule job:
    output: "{{name}}.json"
    benchmark: "{{name}}.tsv"
    conda: "analysis.yaml"
    script: "job.py"
"""

# What a job finds when it starts. Some do more: `bad` fails, `killer` kills the process that it was forked from.
JOB = """
import json, os, signal, sys, time
found = {
    "self": os.getpid(), "parent": os.getppid(), "loaded": sorted({"numpy", "aelab", "pandas"} & sys.modules.keys()),
    "signals": [signal.getsignal(signal.SIGINT) is signal.default_int_handler,
                signal.getsignal(signal.SIGTERM) == signal.SIG_DFL],
    "argv": sys.argv, "name": __name__, "file": os.path.basename(__file__), "path": sys.path[0],
    "open": [os.readlink(f"/proc/self/fd/{n}") for n in os.listdir("/proc/self/fd") if int(n) > 2
             and os.path.exists(f"/proc/self/fd/{n}")],
}
name = snakemake.wildcards.name
if name == "bad":
    raise ValueError("this one is bad")
if name == "killer":
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(60)
with open(snakemake.output[0], "w") as file:
    json.dump(found, file)
"""


@pytest.fixture
def started(tmp_path):
    """A function that runs jobs of the names that it gets, and returns the finished process and what each job found."""

    def start(*names, arguments=()):
        text = WORKFLOW.format(scripts=str(REPOSITORY / "workflow" / "scripts"), names=names)
        (tmp_path / "Snakefile").write_text(text)
        (tmp_path / "job.py").write_text(JOB)
        (tmp_path / "analysis.yaml").write_text("dependencies: []\n")
        temporary = tmp_path / "t"
        temporary.mkdir(exist_ok=True)
        command = [sys.executable, "-m", "snakemake", "--cores", "2", "--scheduler", "greedy"]
        command += ["--default-resources", f"tmpdir='{temporary}'"]
        environment = {**os.environ, "TMPDIR": str(temporary)}
        done = subprocess.run(
            [*command, *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120
        )
        found = {path.stem: json.loads(path.read_text()) for path in tmp_path.glob("*.json")}
        end = time.monotonic() + 10
        while list(temporary.glob("aelab-*")):
            assert time.monotonic() < end, "the folder of a starter is left"
            time.sleep(0.05)
        return done, found

    return start


def ends_soon(process):
    """A process ends within seconds."""
    end = time.monotonic() + 10
    while psutil.pid_exists(process):
        assert time.monotonic() < end, "the starter outlives its run"
        time.sleep(0.05)


def test_jobs_are_forks_of_one_process_and_like_jobs_of_their_own(started, tmp_path):
    done, found = started("a", "b", "c", "d")
    assert done.returncode == 0, done.stderr
    assert len({job["self"] for job in found.values()}) == 4
    (parent,) = {job["parent"] for job in found.values()}
    ends_soon(parent)
    for job in found.values():
        assert job["loaded"] == ["numpy", "pandas"], "libraries are loaded, modules of this project are not"
        assert job["signals"] == [True, True]
        assert job["name"] == "__main__" and job["file"] == "job.py"
        assert job["argv"][0].startswith(job["path"]) and ".snakemake/scripts/" in job["argv"][0]
        assert not [file for file in job["open"] if "socket" in file or "pipe" in file or "eventpoll" in file]
    assert float((tmp_path / "a.tsv").read_text().splitlines()[1].split("\t")[0]) > 0


def test_a_job_that_fails_stops_no_other(started):
    done, found = started("a", "bad", "b", "c", arguments=["--keep-going"])
    assert done.returncode == 1 and found.keys() == {"a", "b", "c"}
    assert "ValueError: this one is bad" in done.stderr


def test_a_starter_that_is_killed_takes_its_jobs_with_it_and_another_begins(started):
    done, found = started("killer", "a", "b", "c", "d", arguments=["--keep-going", "--cores", "1"])
    assert done.returncode == 1 and found.keys() == {"a", "b", "c", "d"}
    assert "rule job" in done.stderr
    for parent in {job["parent"] for job in found.values()}:
        ends_soon(parent)


def test_few_jobs_start_by_themselves(started):
    done, found = started("a", "b")
    assert done.returncode == 0, done.stderr
    assert [job["loaded"] for job in found.values()] == [[], []]


def test_where_no_starter_can_begin_jobs_start_by_themselves(started, tmp_path):
    """The path of a Unix socket has at most 107 characters."""
    deep = tmp_path / ("long" * 20) / ("long" * 20)
    deep.mkdir(parents=True)
    done, found = started("a", "b", "c", arguments=["--default-resources", f"tmpdir='{deep}'"])
    assert done.returncode == 0 and len(found) == 3, done.stderr
    assert Path(next(iter(found.values()))["path"]).name == "scripts"

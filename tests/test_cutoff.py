"""A run stops where nothing changes any more: on a workflow of four rules, and on the finished run."""

import asyncio
import base64
import os
import re
import shutil
from pathlib import Path

import explain
import pytest
from finished import FinishedRun
from sandbox import Sandbox
from small import REPOSITORY
from snakemake.io import _IOFile
from snakemake_starts import snakemake

from aelab.plan.snakemake_gaps import running

TRIGGERS = ["--rerun-triggers", "input", "mtime", "params", "--max-checksum-file-size", "1GB"]
TRIGGERS += ["--scheduler", "greedy"]  # as in the profiles; Snakemake's own starts a solver for each choice

# `first` and `other` read what is written by hand, `second` both, `third` what `second` makes.
WORKFLOW = """
import sys
sys.path.append({scripts!r})
from aelab.plan import snakemake_gaps
snakemake_gaps.close(workflow, workflow.basedir)

rule all:
    input: "third.txt"

rule first:
    input: "first.in"
    output: "first.txt"
    params: config.get("first", 1)
    shell: "cut -c1 {{input}} > {{output}}; echo first >> ran"

rule other:
    input: "other.in"
    output: "other.txt"
    params: config.get("other", 1)
    shell: "cut -c1 {{input}} > {{output}}; echo other >> ran"

rule second:
    input: ["first.txt", "other.txt"] if config.get("both", True) else "first.txt"
    output: "second.txt", "aside.txt"
    params: config.get("second", 1)
    shell: "test ! -e broken; cat {{input}} | tee aside.txt > second.txt; echo second >> ran"

rule third:
    input: "second.txt"
    output: "third.txt"
    shell: "cat {{input}} > {{output}}; echo third >> ran"
"""


class Toy:
    """The workflow of four rules in a folder."""

    def __init__(self, folder):
        self.folder = folder

    def make(self):
        (self.folder / "Snakefile").write_text(WORKFLOW.format(scripts=str(REPOSITORY / "workflow" / "scripts")))
        self.write("first.in", "a1")
        self.write("other.in", "b1")

    def write(self, name, text):
        (self.folder / name).write_text(f"{text}\n")

    def time(self, name):
        return (self.folder / name).stat().st_mtime_ns

    def start(self, *arguments):
        """A finished `snakemake` process."""
        (self.folder / "ran").unlink(missing_ok=True)
        return snakemake("--cores", "1", *TRIGGERS, *arguments, cwd=self.folder)

    def run(self, *arguments):
        """The rules that a run carries out, without `all`."""
        done = self.start(*arguments)
        assert done.returncode == 0, done.stderr
        return self.ran()

    def ran(self):
        path = self.folder / "ran"
        return set(path.read_text().split()) if path.exists() else set()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder in which the four rules have run."""
    toy = Toy(tmp_path_factory.mktemp("made"))
    toy.make()
    assert toy.run() == {"first", "other", "second", "third"}
    assert toy.run() == set()
    return toy.folder


@pytest.fixture
def toy(made, tmp_path):
    return Toy(shutil.copytree(made, tmp_path / "toy"))


def test_what_comes_out_the_same_reruns_nothing(toy):
    toy.write("first.in", "a2")
    before = toy.time("second.txt"), toy.time("third.txt")
    done = toy.start()
    assert done.returncode == 0 and toy.ran() == {"first"}
    assert (toy.time("second.txt"), toy.time("third.txt")) == before < (toy.time("first.txt"),)
    assert "Not run, since what they read has come out as it was: second, third\n" in done.stderr
    assert "4 of 4 steps (100%) done" in done.stderr
    assert "Nothing to be done" in toy.start().stderr


def test_large_files_are_compared_once(toy):
    """Later plans find results that are newer than what they were made from, and need not read it."""
    toy.write("first.in", "a1\n" * 600_000)
    assert toy.run() == {"first", "second", "third"}
    toy.write("first.in", "a2\n" * 600_000)
    assert toy.run() == {"first"}
    assert toy.time("first.txt") <= toy.time("second.txt") <= toy.time("third.txt")
    assert "Nothing to be done" in toy.start().stderr


def test_what_comes_out_different_reruns_what_reads_it(toy):
    toy.write("first.in", "c1")
    assert toy.run() == {"first", "second", "third"}


def test_one_of_two_inputs_is_enough(toy):
    toy.write("first.in", "a2")
    toy.write("other.in", "c1")
    assert toy.run() == {"first", "other", "second", "third"}


def test_it_stops_anywhere(toy):
    """The rule in the middle runs for a reason of its own, with the same result."""
    assert toy.run("--config", "second=2") == {"second"}


@pytest.mark.parametrize(
    "arguments", [["--config", "second=2"], ["--config", "both=0"], ["-R", "second"], ["--forceall"]], ids=str
)
def test_a_job_with_a_reason_of_its_own_runs(toy, arguments):
    toy.write("first.in", "a2")
    assert "second" in toy.run(*arguments)


@pytest.mark.parametrize("name", ["second.txt", "aside.txt"])
def test_a_missing_result_is_made(toy, name):
    toy.write("first.in", "a2")
    (toy.folder / name).unlink()
    ran = toy.run()
    assert {"first"} <= ran and "third" not in ran
    assert ("second" in ran) and (toy.folder / name).exists()


def test_results_without_a_record_are_made(toy):
    assert toy.start("--cleanup-metadata", "second.txt").returncode == 0
    toy.write("first.in", "a2")
    assert "second" in toy.run()


def test_results_whose_record_is_empty_are_made(toy):
    """As a power cut may leave it; without a record, Snakemake would see no edit any more."""
    records = toy.folder / ".snakemake" / "metadata"
    record = next(path for path in records.rglob("*") if path.name == base64.urlsafe_b64encode(b"second.txt").decode())
    record.write_text("")
    assert toy.run("--rerun-incomplete") == {"second"}
    assert toy.run("--rerun-incomplete") == set()


def test_each_version_of_a_file_is_read_once(tmp_path, monkeypatch):
    """Snakemake asks for the checksums of a job's inputs once for each of its results."""
    read = []

    async def checksum(file, threshold=None, force=False, algorithm=None):
        read.append(Path(file).read_text())
        return read[-1]

    monkeypatch.setattr(_IOFile, "checksum", checksum)
    running.read_each_file_once()
    path = tmp_path / "file"

    def asked(*arguments):
        return asyncio.run(_IOFile.checksum(str(path), *arguments))

    path.write_text("a")
    assert [asked(), asked(), asked(5)] == ["a"] * 3 and read == ["a", "a"]  # another threshold is another question
    path.write_text("b")  # as long as before
    assert [asked(), asked()] == ["b", "b"] and read == ["a", "a", "b"]
    times = path.stat()
    path.write_text("c")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert asked() == "c"


def test_an_input_that_was_changed_by_hand_counts(toy):
    """Of a job that waits for another one."""
    toy.write("first.in", "a2")
    toy.write("other.txt", "changed")
    assert toy.run() == {"first", "second", "third"}


def test_what_is_larger_than_checksums_go_counts_as_changed(toy):
    toy.write("first.in", "a2")
    assert toy.run("--max-checksum-file-size", "1") == {"first", "second", "third"}


def test_a_dry_run_lists_all_that_may_run(toy):
    toy.write("first.in", "a2")
    done = toy.start("-n")
    assert re.findall(r"^(?:local)?rule (\w+):", done.stdout + done.stderr, re.MULTILINE) == [
        "first",
        "second",
        "third",
        "all",
    ]


def test_a_job_that_fails_ends_the_run_and_is_repeated(toy):
    """Also where all that follows it is there from before."""
    toy.write("first.in", "c1")
    toy.write("other.in", "b2")
    toy.write("broken", "")
    done = toy.start()
    assert done.returncode == 1 and toy.ran() == {"first", "other"}
    (toy.folder / "broken").unlink()
    assert toy.run() == {"second", "third"}
    toy.write("broken", "")
    assert toy.start("--config", "second=2").returncode == 1
    (toy.folder / "broken").unlink()
    assert "second" in toy.run("--config", "second=2")
    assert (toy.folder / "second.txt").exists()


# -- the finished run ------------------------------------------------------------------------------


@pytest.fixture
def laboratory(finished_run, tmp_path):
    """A copy of the finished run in which jobs may be carried out; it takes gigabytes."""
    folder = finished_run.copy_to(tmp_path / "lab", link=False)
    yield Sandbox(folder)
    shutil.rmtree(folder)


def states(folder, jobs):
    """When the results of jobs were last made, by Snakemake's records: a dict from label to moments."""
    records = FinishedRun(folder).records
    return {job.label: [records.get(file, {}).get("starttime") for file in job.outputs] for job in jobs}


def carry_out(laboratory, jobs, *arguments):
    """Labels of the jobs that a run carries out, by the records that it leaves."""
    before = states(laboratory.folder, jobs)
    environment = {name: value for name, value in os.environ.items() if name != "SNAKEMAKE_PROFILE"}
    done = snakemake("--cores", "2", *arguments, cwd=laboratory.folder, env=environment)
    assert done.returncode == 0, done.stderr[-4000:]
    after = states(laboratory.folder, jobs)
    return {label for label, state in after.items() if state != before[label]}


def weights(jobs):
    """The files that hold weights."""
    return [file for job in jobs for file in job.outputs if file.endswith("weights.npz")]


def certain(jobs):
    """Labels of the jobs that `make explain` says run for certain."""
    return {job.label for job in jobs if job.needed and explain.reasons(job)}


def test_another_pin_of_pillow_trains_nothing(laboratory, planner):
    """Splits, corrupted images, PCA and codes are made anew and come out as they were."""
    laboratory.replace("envs/analysis.yaml", "pillow==", "pillow==1")
    targets = weights(planner.jobs(laboratory.folder))
    jobs = planner.jobs(laboratory.folder, *targets)
    trainings = {job.label for job in jobs if job.rule == "train_model"}
    assert len(trainings) > 20 and trainings <= {job.label for job in jobs if job.needed}
    ran = carry_out(laboratory, jobs, *targets)
    assert not ran & trainings
    assert ran == certain(jobs) and {label.split()[0] for label in ran} >= {"make_training_split", "encode_images"}
    assert not any(job.needed for job in planner.jobs(laboratory.folder, *targets))


def test_another_split_trains_what_reads_it(laboratory, planner):
    laboratory.apply({"config": {"splits.permutation_50k.seed": 124}})
    target = "results/models/dense_2_corrected/seed-1/metrics.json"
    jobs = planner.jobs(laboratory.folder, target)
    assert certain(jobs) == {"make_split permutation_50k", "make_training_split permutation_50k"}
    assert carry_out(laboratory, jobs, target) >= {"train_model dense_2_corrected/1"} | certain(jobs)
    assert not any(job.needed for job in planner.jobs(laboratory.folder, target))


def test_images_that_are_fetched_again_rerun_nothing(laboratory, planner):
    laboratory.apply(
        {
            "delete": [
                "results/data/mnist/*-ubyte",
                "results/data/mnist/dataset.json",
                "results/studies/latent_plane/codes.png",
            ]
        }
    )
    jobs = planner.jobs(laboratory.folder)
    assert sum(job.needed for job in jobs) > 40
    assert certain(jobs) == {"fetch_dataset mnist", "plot_plane_codes"} == carry_out(laboratory, jobs)
    assert not any(job.needed for job in planner.jobs(laboratory.folder))

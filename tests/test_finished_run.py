"""What the jobs of the finished run were observed to open and load: what their specs and rules say, and no more."""

import json
import re
import tempfile

import environments
import numpy as np
import pandas as pd
import pytest
import small
from rounding import STANDARD_ERRORS
from snakemake_starts import snakemake

from aelab.plan import provenance

FIXED = {"fetch_dataset"}


@pytest.fixture(scope="module")
def jobs(sandbox, finished_run):
    """Pairs of a job and what it opened and loaded."""
    observed = []
    for job in sandbox.jobs:
        logs = {finished_run.records[file]["log"][0] for file in job.outputs}
        assert len(logs) == 1
        observed.append((job, finished_run.audits[logs.pop()]))
    return observed


def test_every_job_was_observed(jobs, finished_run):
    assert len(jobs) == len(finished_run.audits)


def test_jobs_load_exactly_the_code_in_their_specs(jobs):
    """A module that is loaded and not in the spec: stale. One that is in the spec and not loaded: rerun for nothing."""
    workflow = "@workflow/"
    for job, audit in jobs:
        loaded = {file.removeprefix(workflow) for file in audit["modules"] if file.startswith(workflow)}
        if job.rule not in FIXED:
            counted = {file for file in loaded if not file.startswith(provenance.OUTSIDE)}
            assert counted == job.spec["code"].keys(), job.label


def test_jobs_read_their_inputs_and_nothing_else_of_ours(jobs):
    """Of the repository only code, and templates of the page whose digests their specs hold; of the run's folder only
    inputs, and what they have written themselves."""
    for job, audit in jobs:
        templates = {f"@workflow/page/{name}" for name in job.spec.get("templates", ())}
        for file in audit["read"]:
            if file.startswith("@"):
                code = file.endswith((".py", ".pyc")) or file.startswith("@.cache/")
                assert code or file in templates, f"{job.label} reads {file}"
            elif not file.startswith((".snakemake/", "results/checkpoints/")):
                synced = {output.rpartition("/")[0] for output in job.outputs}  # folders, after a renaming
                # Read with the images, whose digests it has: it can end a job, and change no result.
                described = file.endswith("/dataset.json")
                known = file in {*job.inputs, *job.outputs, *synced} or "/." in file
                assert known or described, f"{job.label} reads {file}"


def test_jobs_write_their_outputs_and_nothing_else(jobs):
    for job, audit in jobs:
        for file in audit["written"]:
            ours = file.startswith(("results/logs/", "results/checkpoints/", ".snakemake/", "@.cache/"))
            temporary = any(file.startswith(f"{output.rpartition('/')[0]}/.") for output in job.outputs)
            pyc = "__pycache__" in file
            assert ours or temporary or pyc or file in job.outputs, f"{job.label} writes {file}"


def test_jobs_read_every_input(jobs):
    """An input that nobody reads makes reruns for nothing. TensorFlow and NumPy open files through Python here."""
    for job, audit in jobs:
        unread = set(job.inputs) - audit["read"]
        assert not unread, f"{job.label} does not read {sorted(unread)}"


def test_a_users_own_packages_are_as_they_were(finished_run, tmp_path):
    """Jobs that had seen them would have failed; pip would have uninstalled some and installed others among them."""
    environments.broken_user(tmp_path)
    assert environments.contents(finished_run.folder / "user") == environments.contents(tmp_path)


def test_the_specs_hold_no_absolute_path(jobs, finished_run):
    """So that results and records can move with their folder."""
    places = [str(finished_run.folder), str(small.REPOSITORY), tempfile.gettempdir()]
    for job, _ in jobs:
        assert not [place for place in places if place in json.dumps(job.spec)], job.label
    for record in finished_run.records.values():
        text = json.dumps([record["params"], record["input"], record["log"]])
        assert str(finished_run.folder) not in text


def test_figures_and_archives_hold_no_dates(jobs, finished_run):
    import zipfile

    for job, _ in jobs:
        for file in job.outputs:
            path = finished_run.folder / file
            if path.suffix == ".png":
                content = path.read_bytes()
                assert not any(key in content for key in (b"tEXt", b"tIME", b"iTXt", b"zTXt")), file
            if path.suffix == ".npz":
                with zipfile.ZipFile(path) as archive:
                    assert {member.date_time for member in archive.infolist()} <= {(1980, 1, 1, 0, 0, 0)}, file


def test_what_came_out_are_numbers(finished_run):
    metrics = pd.read_csv(finished_run.folder / "results/metrics.csv").set_index(["model", "seed"])
    images = metrics["test_mse"].dropna()
    # Less than the 200 principal components of all 60,000 images leave (.0018), and more than black for white.
    assert len(images) > 20 and images.between(0.001, 1).all()
    guessed = 0.1 + STANDARD_ERRORS * (0.1 * 0.9 / small.TEST) ** 0.5
    assert metrics.loc[("judge", 1), "test_accuracy"] > guessed
    assert metrics["parameters"].min() > 0
    for path in (finished_run.folder / "results/models").glob("*/*/weights.npz"):
        with np.load(path) as arrays:
            assert all(np.isfinite(array).all() for name, array in arrays.items() if name != "model"), path


def test_the_report_shows_every_caption(sandbox, tmp_path):
    report = tmp_path / "report.html"
    done = snakemake("--report", report, cwd=sandbox.folder)
    assert done.returncode == 0, done.stderr[-2000:]
    page = report.read_text()
    assert "system-message" not in page  # what docutils says where it cannot read a caption
    captions = list((sandbox.folder / "results/captions").rglob("*.rst"))
    missing = [path for path in captions if words_of(path) not in page]
    assert captions and not missing
    departures = [path for path in captions if path.stem == "departures"]
    assert {path.parent.name for path in departures} == {
        job.wildcards[0] for job in sandbox.jobs if "curves" in job.rule
    }
    for path in departures:
        assert page.count(f"<p>{words_of(path)}") == 1, f"{path.parent.name} says more than once what departs"


def words_of(path):
    """The first words of a caption."""
    return re.search(r"[\w ,.:;()-]{20,90}", path.read_text(), re.ASCII)[0].strip()

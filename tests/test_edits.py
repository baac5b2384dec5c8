"""The catalogue of edits (`tests/edits/`): each reruns exactly the jobs that it affects.

What lies downstream of a job is taken from the inputs that Snakemake recorded when it ran; which jobs an
edit affects by itself is written in the catalogue, or observed: the modules that a job has loaded.
"""

import copy
import fnmatch
import functools
import re
from pathlib import PurePosixPath

import explain
import fast_yaml
import pytest
from small import REPOSITORY

from aelab.plan import likes, provenance

CATALOGUE = REPOSITORY / "tests" / "edits"
# Jobs whose results are the same whatever code makes them: the images are checked by their hashes.
FIXED = {"fetch_dataset"}
OPERATIONS = {
    "code", "file", "config", "config_without", "config_copies", "config_text", "reorder", "delete", "touch",
    "scramble", "arguments", "moved",
}  # fmt: skip
DETAILS = {"edit", "jobs", "new", "replace", "append", "write", "mtime"}


def catalogue():
    """All entries of the catalogue."""
    entries = [entry for path in sorted(CATALOGUE.glob("*.yaml")) for entry in fast_yaml.safe_load(path.read_text())]
    for entry in entries:
        entry.setdefault("edit", f"a statement more in {entry.get('code')}")
        assert OPERATIONS & entry.keys() and entry.keys() <= OPERATIONS | DETAILS, entry
    return entries


def statements_more():
    """The entries that do nothing but add a statement to a file of code."""
    return [entry for entry in catalogue() if OPERATIONS & entry.keys() == {"code"}]


def idle():
    """The entries that edit a file, of code or not, and rerun nothing."""
    return [
        entry
        for entry in catalogue()
        if not entry["jobs"]
        and OPERATIONS & entry.keys() in ({"code"}, {"file"})
        and not {"new", "mtime"} & entry.keys()
    ]


def carried_out():
    """The entries that are carried out and planned one by one.

    Of those that add a statement to a file and rerun something, one for each folder: of the others it is enough to know
    whose specs hold the digest of the file. Those that rerun nothing are carried out together.
    """
    more = [entry for entry in statements_more() if entry["jobs"]]
    first = {PurePosixPath(entry["code"]).parent: entry for entry in reversed(more)}
    left_out = [entry for entry in more if entry not in first.values()] + idle()
    return [entry for entry in catalogue() if entry not in left_out]


def sources():
    """Every file of code below `workflow`, relative to it."""
    workflow = REPOSITORY / "workflow"
    return sorted(path.relative_to(workflow).as_posix() for path in workflow.rglob("*.py"))


# -- what is expected ------------------------------------------------------------------------------


@functools.cache
def models_in(text):
    """The entries of the models in the text of a configuration."""
    return likes.resolve(fast_yaml.safe_load(text))["models"]


def matching(pattern, sandbox):
    """Labels of the finished run's jobs that a pattern names."""
    patterns = [pattern]
    if chosen := re.search(r"<([a-z_.]+)(?:=(\w+))?>", pattern):
        keys, value = (chosen[1].split("."), chosen[2]) if chosen[2] else (["kind"], chosen[1])
        models = models_in(sandbox.read("config/config.yaml")).items()
        patterns = [pattern.replace(chosen[0], name) for name, entry in models if at(entry, keys) == value]
    return {job.label for job in sandbox.jobs for each in patterns if fnmatch.fnmatchcase(job.label, each)}


def named(patterns, sandbox):
    """Labels of the jobs that patterns name, without those that patterns with `!` take out again."""
    found = set()
    for pattern in patterns:
        labels = matching(pattern.removeprefix("!"), sandbox)
        assert labels, f"no job of the finished run is named {pattern}"
        found = found - labels if pattern.startswith("!") else found | labels
    return found


def at(entry, keys):
    """The value that keys lead to; None where they lead nowhere."""
    for key in keys:
        entry = entry.get(key) if isinstance(entry, dict) else None
    return entry


def downstream(labels, sandbox, records):
    """These jobs and all that read, directly or not, what they make."""
    maker = {file: job.label for job in sandbox.jobs for file in job.outputs}
    readers = {}
    for file, record in records.items():
        for needed in record["input"]:
            if file in maker and needed in maker:
                readers.setdefault(maker[needed], set()).add(maker[file])
    found, queue = set(), list(labels)
    while queue:
        label = queue.pop()
        if label not in found:
            found.add(label)
            queue += readers.get(label, ())
    return found


def compare(jobs, expected):
    """Fail unless exactly the expected jobs would run, of those that there still are."""
    would = {job.label for job in jobs if job.needed}
    should = expected & {job.label for job in jobs}
    missing, too_many = sorted(should - would), sorted(would - should)
    assert not missing and not too_many, f"missing: {missing}; too many: {too_many}"


# -- the tests -------------------------------------------------------------------------------------


def test_an_untouched_copy_reruns_nothing(sandbox):
    assert len(sandbox.jobs) > 40
    compare(sandbox.jobs, set())


@pytest.mark.parametrize("entry", carried_out(), ids=lambda entry: entry["edit"])
def test_an_edit_reruns_exactly_what_it_affects(entry, edited, finished_run, planner):
    if "slurm" in str(entry.get("arguments")):
        pytest.importorskip("snakemake_executor_plugin_slurm")
    expected = downstream(named(entry["jobs"], edited), edited, finished_run.records)
    arguments = edited.apply(entry)
    jobs = planner.jobs(edited.folder, *arguments)
    labels = {job.label for job in jobs}
    new = set(entry.get("new", []))
    assert new <= labels and not new & {job.label for job in edited.jobs}, f"not new: {sorted(new)}"
    compare(jobs, expected | new)
    for job in jobs:
        assert job.certain == (job.needed and bool(explain.reasons(job))), job.label


def test_edits_that_affect_nothing_rerun_nothing(edited, planner):
    """All at once; if they do rerun something, one by one, so that the culprit is named."""
    assert len(idle()) > 30
    for entry in idle():
        edited.apply(entry)
    if any(job.needed for job in planner.jobs(edited.folder)):
        for entry in idle():
            edited.restore()
            edited.apply(entry)
            assert not [job.label for job in planner.jobs(edited.folder) if job.needed], entry["edit"]
        pytest.fail("only together do they rerun something")


@pytest.mark.parametrize("entry", statements_more(), ids=lambda entry: entry["code"])
def test_what_the_catalogue_says_of_a_file_of_code_was_observed(entry, sandbox, finished_run):
    """The jobs that an edit affects by itself hold the file's digest in their specs, and loaded it when they ran."""
    assert {job.label for job in sandbox.jobs if entry["code"] in job.spec["code"]} == named(entry["jobs"], sandbox)
    maker = {path: job.label for job in sandbox.jobs for path in job.outputs}
    loaded = {
        maker[output]
        for output, record in finished_run.records.items()
        if f"@workflow/{entry['code']}" in finished_run.audits[record["log"][0]]["modules"]
    }
    if not entry["code"].startswith(provenance.OUTSIDE):
        assert named(entry["jobs"], sandbox) == {label for label in loaded if label.split()[0] not in FIXED}


def test_the_catalogue_covers_every_rule_and_every_file_of_code(sandbox):
    entries = catalogue()
    assert len({entry["edit"] for entry in entries}) == len(entries) >= 60
    rules = {label.split()[0] for entry in entries for pattern in entry["jobs"] for label in matching(pattern, sandbox)}
    assert {job.rule for job in sandbox.jobs} <= rules
    edited = {entry["code"] for entry in entries if "code" in entry}
    assert set(sources()) <= edited


def test_a_wrong_expectation_fails(sandbox):
    """The comparison itself: one job too few, one too many."""
    jobs = copy.deepcopy(sandbox.jobs)
    with pytest.raises(AssertionError, match="missing"):
        compare(jobs, {jobs[0].label})
    jobs[0].needed = True
    with pytest.raises(AssertionError, match="too many"):
        compare(jobs, set())


def test_downstream_is_read_from_the_records(sandbox, finished_run):
    found = downstream({"train_model trial_noisy/1"}, sandbox, finished_run.records)
    assert {"evaluate_model trial_noisy/1", "train_model trial_tuned/1", "write_manifest"} <= found
    assert not any(label.startswith("make_split") or "dense_2/" in label for label in found)
    assert downstream({"fetch_dataset mnist"}, sandbox, finished_run.records) >= {
        "fetch_dataset mnist",
        "train_model dense_2/1",
    }

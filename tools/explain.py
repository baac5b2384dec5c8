"""Say, before anything runs, which jobs would run and why.

`python tools/explain.py [arguments of snakemake]` plans a run as `snakemake` would with the same arguments. It compares
the spec of every job with the spec that Snakemake recorded when it made the results, and names the differences: these
jobs are certain to run. Jobs that depend on them run only if one of their inputs comes out different. Nothing is run
and nothing is written.
"""

from __future__ import annotations

import ast
import json
import logging
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from snakemake.workflow import Workflow

# Keys that identify the items of a list.
NAMES = (("model", "seed"), ("name",), ("claim",), ("digit",))
SHOWN = 48  # most characters of a value
LISTED = 8  # most jobs of a rule, or files


@dataclass
class Job:
    """A job of the plan, with what is recorded about its results.

    Parameters
    ----------
    rule : str
        The name of its rule.
    wildcards : list of str
        The values of its wildcards.
    environment : str
        The name of its environment.
    spec : dict
        Its spec in this plan.
    inputs, outputs : list of str
        Its files.
    needed : bool
        Whether it is part of the run.
    recorded : dict or None
        The spec with which its results were made; None without a record.
    recorded_inputs : list of str or None
        The inputs at that time.
    missing : list of str
        Outputs that do not exist.
    changed : list of str
        Inputs that have changed since.
    certain : bool
        Whether it runs whatever the jobs before it produce.
    upstream : list of str
        Labels of the jobs that it directly depends on.
    """

    rule: str
    wildcards: list[str]
    environment: str
    spec: dict[str, Any]
    inputs: list[str]
    outputs: list[str]
    needed: bool
    recorded: dict[str, Any] | None
    recorded_inputs: list[str] | None
    missing: list[str]
    changed: list[str]
    certain: bool
    upstream: list[str] = field(default_factory=list)

    @property
    def label(self) -> str:
        """The rule and the wildcards, for example `train_model dense_2/1`."""
        return f"{self.rule} {'/'.join(self.wildcards)}".strip()

    @property
    def made(self) -> bool:
        """Whether all its results exist."""
        return not self.missing


# -- the plan --------------------------------------------------------------------------------------


class Planned(BaseException):
    """Raised to take the plan out of Snakemake before Snakemake acts on it."""

    def __init__(self, plan: object) -> None:
        self.plan = plan


def planned(arguments: Sequence[str], collect: Callable[[Workflow], object] | None = None) -> object:
    """Plan a run and return its jobs, those that would run and all others, in the order of their dependencies.

    Parameters
    ----------
    arguments : sequence of str
        Arguments of the command `snakemake`.
    collect : callable, optional
        Extracts what is returned from the workflow; `jobs_of` by default.

    Returns
    -------
    list of Job
        Or what `collect` returns.

    Raises
    ------
    SystemExit
        If Snakemake does not accept the arguments; it has printed its message then.
    """
    from snakemake import cli
    from snakemake.logging import logger
    from snakemake.workflow import Workflow

    build = Workflow._build_dag

    def build_and_stop(workflow: Workflow) -> None:
        build(workflow)
        raise Planned((collect or jobs_of)(workflow))

    Workflow._build_dag = build_and_stop
    logger.addFilter(grave)
    try:
        cli.main(["--dry-run", *arguments])
    except Planned as found:
        return found.plan
    finally:
        Workflow._build_dag = build
        logger.removeFilter(grave)
    raise SystemExit("explain: Snakemake makes no plan with these arguments.")


def grave(record: logging.LogRecord) -> bool:
    """Return whether a log message of Snakemake is a warning or an error."""
    return record.levelno >= logging.WARNING


def jobs_of(workflow: Workflow) -> list[Job]:
    """Return the jobs of a planned workflow, with what is recorded about their results."""
    from aelab.plan import snakemake_gaps  # importable only after the workflow has been read

    dag, records, found = workflow.dag, workflow.persistence, {}
    to_come = {str(file) for job in dag.needrun_jobs() for file in job.output}
    for job in (job for level in dag.toposorted() for job in sorted(level, key=str)):
        if not job.output:
            continue
        reason = dag.reason(job)
        kept = [record for record in map(records.metadata, job.output) if record is not None]
        missing = [str(file) for file in job.output if not Path(file).exists()]
        found[job] = Job(
            rule=job.rule.name,
            wildcards=[str(value) for value in job.wildcards],
            environment=Path(str(job.rule.conda_env or "")).stem,
            spec=json.loads(job.params.spec),
            inputs=sorted({str(file) for file in job.input}),
            outputs=[str(file) for file in job.output],
            needed=dag.needrun(job),
            recorded=recorded_spec(kept[0].params) if len(kept) == len(job.output) else None,
            recorded_inputs=sorted(set(kept[0].input or [])) if kept else None,
            missing=missing,
            changed=sorted(str(file) for file in reason.updated_input - reason.updated_input_run),
            certain=dag.needrun(job) and not workflow.async_run(snakemake_gaps.up_to_date(dag, job, to_come=to_come)),
            upstream=[found[before].label for before in dag.dependencies[job] if before in found],
        )
    return list(found.values())


def recorded_spec(params: list[str]) -> dict[str, Any] | None:
    """Return the spec in a record, or None if it cannot be read.

    Snakemake records each parameter as the text that Python's `repr` gives.
    """
    try:
        return json.loads(ast.literal_eval(params[0]))
    except (IndexError, TypeError, ValueError, SyntaxError):
        return None


# -- why, in words ---------------------------------------------------------------------------------


def reasons(job: Job) -> list[str]:
    """Return the reasons why a job is certain to run, as phrases.

    There are none for a job that only depends on others, and so runs only if one of its inputs comes out different.
    """
    if job.recorded is None and not job.made:
        return ["not made yet"]
    why = [f"{file} is not there" for file in job.missing]
    if job.recorded is not None:
        why += changes(job.recorded, job.spec, job.environment)
        if job.recorded_inputs is not None and set(job.recorded_inputs) != set(job.inputs) and not why:
            why += [f"input {file} is new" for file in sorted(set(job.inputs) - set(job.recorded_inputs))]
            why += [f"input {file} is dropped" for file in sorted(set(job.recorded_inputs) - set(job.inputs))]
    why += [f"input {file} has changed" for file in job.changed]
    if job.certain and not why:
        why.append("interrupted, or asked for" if job.recorded else "how it was made is not recorded")
    return why


def changes(old: dict[str, Any], new: dict[str, Any], environment: str) -> list[str]:
    """Describe the differences between two specs.

    Parameters
    ----------
    old, new : dict
        The recorded spec and that of this plan.
    environment : str
        The name of the job's environment.

    Returns
    -------
    list of str
        Phrases about code, environment and settings; about the names of files only if nothing else differs.
    """
    before, after = old["code"], new["code"]
    files = {
        "changed": [file for file in sorted(after) if before.get(file, after[file]) != after[file]],
        "used now": sorted(after.keys() - before.keys()),
        "no longer used": sorted(before.keys() - after.keys()),
    }
    said = [f"code {what}: {some_of(listed)}" for what, listed in files.items() if listed]
    if old["environment"] != new["environment"]:
        said.append(f"environment {environment} changed")
    apart = ("code", "environment", "wiring")
    old_settings, new_settings = ({k: v for k, v in spec.items() if k not in apart} for spec in (old, new))
    said += differences(old_settings, new_settings, ())
    said += differences(old.get("wiring", {}), new.get("wiring", {}), ()) if not said else []
    return said


def differences(old: object, new: object, path: tuple[object, ...]) -> list[str]:
    """Describe where two JSON values differ, with one phrase per difference.

    Parameters
    ----------
    old, new : JSON value
        The values.
    path : tuple
        The keys that lead to them.
    """
    if old == new:
        return []
    if isinstance(old, dict) and isinstance(new, dict):
        said = []
        for key in sorted(old.keys() | new.keys()):
            if key not in old:
                said.append(f"{named((*path, key))}: now {shown(new[key])}")
            elif key not in new:
                said.append(f"{named((*path, key))}: dropped, was {shown(old[key])}")
            else:
                said += differences(old[key], new[key], (*path, key))
        return said
    if isinstance(old, list) and isinstance(new, list):
        return list_differences(old, new, path)
    if len(shown(old)) >= SHOWN or len(shown(new)) >= SHOWN:
        return [f"{named(path)} changed"]
    return [f"{named(path)}: {shown(old)} -> {shown(new)}"]


def list_differences(old: list, new: list, path: tuple[object, ...]) -> list[str]:
    """Describe where two lists differ, item by item if the items can be identified; see `differences`."""
    before, after = by_name(old), by_name(new)
    if before is None or after is None:
        if sorted(map(str, old)) == sorted(map(str, new)):
            return [f"{named(path)}: in another order"]
        texts = shown(old), shown(new)
        return [
            f"{named(path)}: {texts[0]} -> {texts[1]}" if max(map(len, texts)) < SHOWN else f"{named(path)} changed"
        ]
    said = [f"{named(path)}: {name} is new" for name in after if name not in before]
    said += [f"{named(path)}: {name} is dropped" for name in before if name not in after]
    for name in after:
        if name in before:
            said += differences(before[name], after[name], (*path, name))
    common = [name for name in before if name in after]
    if common != [name for name in after if name in before]:
        said.append(f"{named(path)}: in another order")
    return said


def by_name(items: list) -> dict[str, Any] | None:
    """Return the items of a list by their names; None if an item has no name, or two have the same."""
    for keys in NAMES:
        if all(isinstance(item, dict) and item.keys() >= set(keys) for item in items):
            names = ["/".join(str(item[key]) for key in keys) for item in items]
            if len(set(names)) == len(names):
                return dict(zip(names, items, strict=True))
    return None


def named(path: Iterable[object]) -> str:
    """Join keys to a name, for example `optimizer.learning_rate`; the keys `entry` and `settings` are left out."""
    words = [str(key) for key in path if key not in ("entry", "settings")]
    words = ["caption" if word == "texts" else word for word in words] or ["settings"]
    return ".".join(word if len(word) <= SHOWN else f'"{word[: SHOWN - 3]}..."' for word in words)


def some_of(items: list[str]) -> str:
    """Join items with commas; if there are many, only the first ones and the number of the others."""
    more = len(items) - LISTED
    return ", ".join(items if more <= 1 else [*items[:LISTED], f"and {more} more"])


def shown(value: object) -> str:
    """Return a value as text of at most `SHOWN` characters."""
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}..."


# -- the answer ------------------------------------------------------------------------------------


def explained(jobs: list[Job]) -> list[str]:
    """Return the explanation as lines of text: the jobs that are certain to run, by reason, then those after them."""
    needed = [job for job in jobs if job.needed]
    unrecorded = [job for job in jobs if not job.needed and job.recorded is None]
    why = {job.label: tuple(reasons(job)) for job in needed}
    certain = sum(1 for said in why.values() if said)
    more = f", {len(needed) - certain} more only if what they read comes out different" if certain < len(needed) else ""
    lines = [f"{certain} of {len(jobs)} jobs would run{more}." if needed else "Nothing would run."]
    groups = {}
    for job in needed:
        if why[job.label]:
            groups.setdefault(why[job.label], []).append(job)
    for said, members in groups.items():
        lines += ["", *listed(members), *(f"    {phrase}" for phrase in said)]
    followers = {}
    for job in needed:
        if not why[job.label]:
            followers.setdefault(roots(job, {job.label: job for job in needed}, why), []).append(job)
    for causes, members in followers.items():
        lines += ["", *listed(members), f"    only if what {' or '.join(causes)} makes comes out different"]
    if unrecorded:
        lines += ["", "Without a record of how they were made, so that changes cannot be seen:", *listed(unrecorded)]
    return lines


def roots(job: Job, needed: dict[str, Job], why: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the jobs, directly or indirectly before a job, that are certain to run.

    Parameters
    ----------
    job : Job
        A job that runs only if an input comes out different.
    needed : dict of str to Job
        All jobs of the run by label.
    why : dict of str to tuple of str
        Their reasons by label.

    Returns
    -------
    tuple of str
        As `listed` returns them.
    """
    found, queue, seen = [], list(job.upstream), set()
    while queue:
        label = queue.pop(0)
        if label in seen or label not in needed:
            continue
        seen.add(label)
        if why[label]:
            found.append(needed[label])
        queue += needed[label].upstream
    return tuple(listed(sorted(found, key=lambda each: each.label))) or ("a job before it",)


def listed(jobs: Iterable[Job]) -> list[str]:
    """Return jobs as lines, one per rule, with the wildcards of its jobs."""
    rules = {}
    for job in jobs:
        rules.setdefault(job.rule, []).append("/".join(job.wildcards))
    return [f"{rule} {some_of(members)}".strip() for rule, members in rules.items()]


if __name__ == "__main__":
    print("\n".join(explained(planned(sys.argv[1:]))))

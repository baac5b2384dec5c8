"""Say, before anything runs, which jobs would run and why.

`python tools/explain.py [arguments of snakemake]` plans a run as `snakemake` with the same arguments
would, compares the spec of every job with the one that Snakemake recorded when it made the results,
and names the differences. Nothing is run and nothing is written.
"""

import ast
import json
import logging
import sys
from dataclasses import dataclass, field
from pathlib import Path

# Keys that tell the items of a list apart.
NAMES = (("model", "seed"), ("name",), ("claim",), ("digit",))
SHOWN = 48  # characters of a value, at most
LISTED = 8  # jobs of a rule, or files, at most


@dataclass
class Job:
    """A job of the plan, with what is recorded of the results that are there.

    `recorded` is the spec of when they were made, None where there is no record; `missing` are its
    files that are not there, `changed` its inputs that are no longer what they were.
    """

    rule: str
    wildcards: list
    environment: str
    spec: dict
    inputs: list
    outputs: list
    needed: bool
    recorded: dict | None
    recorded_inputs: list | None
    missing: list
    changed: list
    forced: bool
    upstream: list = field(default_factory=list)

    @property
    def label(self):
        """The rule and the wildcards, such as `train_model dense_2/1`."""
        return f"{self.rule} {'/'.join(self.wildcards)}".strip()

    @property
    def made(self):
        """Whether all its results are there."""
        return not self.missing


# -- the plan --------------------------------------------------------------------------------------


class Planned(BaseException):
    """Brings the plan out of Snakemake before it would carry it out."""

    def __init__(self, plan):
        self.plan = plan


def planned(arguments, collect=None):
    """The jobs of the workflow, those that would run among them, upstream first.

    `arguments` are those of the `snakemake` command; `collect` makes something else than `jobs_of` of the
    workflow. Raises `SystemExit` where Snakemake refuses the arguments, after its message.
    """
    from snakemake import cli
    from snakemake.logging import logger
    from snakemake.workflow import Workflow

    build = Workflow._build_dag

    def build_and_stop(workflow):
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
    raise SystemExit("explain: these arguments make no plan.")


def grave(record):
    """Whether something that Snakemake logs is worth reading here."""
    return record.levelno >= logging.WARNING


def jobs_of(workflow):
    """Snakemake's jobs, each with what is recorded of its results."""
    dag, records, found = workflow.dag, workflow.persistence, {}
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
            forced=reason.forced,
            upstream=[found[before].label for before in dag.dependencies[job] if before in found],
        )
    return list(found.values())


def recorded_spec(params):
    """The spec in a record of Snakemake's, which keeps the text of each parameter as Python writes it."""
    try:
        return json.loads(ast.literal_eval(params[0]))
    except (IndexError, TypeError, ValueError, SyntaxError):
        return None


# -- why, in words ---------------------------------------------------------------------------------


def reasons(job):
    """Why a job would run by itself, in words; none for a job that only follows others."""
    if job.recorded is None and not job.made:
        return ["not made yet"]
    why = [f"{file} is not there" for file in job.missing]
    if job.recorded is not None:
        why += changes(job.recorded, job.spec, job.environment)
        if job.recorded_inputs is not None and set(job.recorded_inputs) != set(job.inputs) and not why:
            why += [f"input {file} is new" for file in sorted(set(job.inputs) - set(job.recorded_inputs))]
            why += [f"input {file} is dropped" for file in sorted(set(job.recorded_inputs) - set(job.inputs))]
    why += [f"input {file} has changed" for file in job.changed]
    return why or (["interrupted, or asked for"] if job.forced else [])


def changes(old, new, environment):
    """The differences of two specs, in words."""
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


def differences(old, new, path):
    """Where two JSON values differ, a phrase each. `path` are the keys that lead to them."""
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


def list_differences(old, new, path):
    """The differences of two lists, item by item where the items have names."""
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


def by_name(items):
    """A list's items by their names; None where they have none, or not each its own."""
    for keys in NAMES:
        if all(isinstance(item, dict) and item.keys() >= set(keys) for item in items):
            names = ["/".join(str(item[key]) for key in keys) for item in items]
            if len(set(names)) == len(names):
                return dict(zip(names, items, strict=True))
    return None


def named(path):
    """Keys as a name for people: those of a model's entry stand for themselves."""
    words = [str(key) for key in path if key not in ("entry", "settings")]
    words = ["caption" if word == "texts" else word for word in words] or ["settings"]
    return ".".join(word if len(word) <= SHOWN else f'"{word[: SHOWN - 3]}..."' for word in words)


def some_of(items):
    """Items in a line, the first of them where they are many."""
    more = len(items) - LISTED
    return ", ".join(items if more <= 1 else [*items[:LISTED], f"and {more} more"])


def shown(value):
    """A value as short text."""
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}..."


# -- the answer ------------------------------------------------------------------------------------


def explained(jobs):
    """The plan as lines of text: jobs with the same reasons together, then what follows from them."""
    needed = [job for job in jobs if job.needed]
    unrecorded = [job for job in jobs if not job.needed and job.recorded is None]
    why = {job.label: tuple(reasons(job)) for job in needed}
    lines = [f"{len(needed)} of {len(jobs)} jobs would run." if needed else "Nothing would run."]
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
        lines += ["", *listed(members), f"    because {' and '.join(causes)} would"]
    if unrecorded:
        lines += ["", "Without a record of how they were made, so that changes cannot be seen:", *listed(unrecorded)]
    return lines


def roots(job, needed, why):
    """The jobs with reasons of their own that a job follows, as short words."""
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


def listed(jobs):
    """Jobs as lines, one a rule: the rule and what tells its jobs apart."""
    rules = {}
    for job in jobs:
        rules.setdefault(job.rule, []).append("/".join(job.wildcards))
    return [f"{rule} {some_of(members)}".strip() for rule, members in rules.items()]


if __name__ == "__main__":
    print("\n".join(explained(planned(sys.argv[1:]))))

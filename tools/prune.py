"""Name the results that no entry of the configuration asks for any more, and remove them when told to.

`python tools/prune.py [--remove] [arguments of snakemake]` plans a run as `snakemake` would with the same arguments. A
sweep that has ended, a model, a seed or a study that is gone leaves files behind: this lists them by folder, with their
sizes. With `--remove` it removes them, with their logs, timings and Snakemake's records of them.

A file is left behind if Snakemake has recorded that the workflow made it, and neither a run nor the targets `models`,
`searches` and `sweeps` would make it now. These always stay:

- what lies in the folder of a model and a seed that the configuration has, such as codes that were asked for by name;
- the checkpoints of models and seeds that the configuration has;
- images of its data sets;
- files that the workflow has not made.

The exit status is 0, or 2 if Snakemake's records are not there or another run is at work in the folder.
"""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import explain

if TYPE_CHECKING:
    from snakemake.workflow import Workflow

RECORDS = Path(".snakemake/metadata")
TARGETS = ("all", "models", "searches", "sweeps")
SHOWN = 30  # most folders that are listed


# -- what the configuration asks for ---------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """What a configuration asks for.

    Parameters
    ----------
    folder : Path
        The working folder.
    files : frozenset of str
        All files that the workflow makes for the targets, with their logs and timings.
    runs : frozenset of str
        `<model>/seed-<seed>` of every training.
    datasets : frozenset of str
        The names of the data sets.
    rules : frozenset of str
        The names of the rules.
    """

    folder: Path
    files: frozenset[str]
    runs: frozenset[str]
    datasets: frozenset[str]
    rules: frozenset[str]

    def keeps(self, file: str) -> bool:
        """Return whether a file that the workflow has made stays."""
        image = re.match(r"results/data/(\w+)/[^/]+$", file)
        return file in self.files or self.run_of(file) in self.runs or bool(image and image[1] in self.datasets)

    def run_of(self, file: str) -> str | None:
        """Return `<model>/seed-<seed>` of a file that belongs to one training; None for others."""
        own = re.match(r"results/(?:models|checkpoints)/(\w+/seed-\d+)/", file)
        told = re.match(r"results/(?:logs|timings)/(\w+)/(\w+/seed-\d+)(?:/\w+)?\.(?:log|tsv)$", file)
        return own[1] if own else told[2] if told and told[1] in self.rules else None


def asked(workflow: Workflow) -> Asked:
    """Return what a planned workflow asks for."""
    plan, jobs = workflow.globals["plan"], list(workflow.dag.jobs)
    files = {str(file) for job in jobs for file in (*job.output, *job.log, *([job.benchmark] if job.benchmark else []))}
    runs = frozenset(f"{model}/seed-{seed}" for model, seed in plan.runs())
    rules = frozenset(rule.name for rule in workflow.rules)
    return Asked(Path.cwd(), frozenset(files), runs, frozenset(plan.datasets), rules)


# -- what is left behind ---------------------------------------------------------------------------


def left_behind(kept: Asked) -> dict[str, Path | None]:
    """Return the files in the working folder that nothing asks for, each with Snakemake's record if it has one.

    Logs, timings and checkpoints have no records. They are left behind with the results that they belong to, and so are
    those of a training that never ended if its model or seed is gone.
    """
    found: dict[str, Path | None] = {}
    for file, record in recorded():
        if file.startswith("results/") and ".." not in file.split("/") and not kept.keeps(file):
            found[file] = record
            for log in logs_of(record):
                timings = log.replace("/logs/", "/timings/", 1).removesuffix(".log") + ".tsv"
                found |= {each: None for each in (log, timings) if each not in kept.files}
    for place in ("logs", "timings", "checkpoints"):
        for file in files_below(Path("results", place)):
            run = kept.run_of(file)
            if run and run not in kept.runs:
                found.setdefault(file, None)
    return {file: record for file, record in sorted(found.items()) if record or os.path.lexists(file)}


def recorded(records: Path = RECORDS) -> Iterator[tuple[str, Path]]:
    """Yield every file that Snakemake has recorded, with its record.

    The name of a record is that of the file in base64. If it is too long, it is divided into folders, whose names begin
    with `@`.
    """
    for file in files_below(records):
        path = Path(file)
        text = "".join(part.removeprefix("@") for part in path.relative_to(records).parts)
        with contextlib.suppress(ValueError):
            yield base64.urlsafe_b64decode(text).decode(), path


def logs_of(record: Path) -> list[str]:
    """Return the logs of the job that made a recorded file, below `results/logs`."""
    try:
        logs = json.loads(record.read_text(encoding="utf-8")).get("log") or []
    except (OSError, ValueError, AttributeError):
        return []
    return [log for log in logs if isinstance(log, str) and log.startswith("results/logs/") and ".." not in log]


def files_below(folder: Path) -> list[str]:
    """Return all files below a folder, in alphabetical order."""
    return sorted(Path(path, name).as_posix() for path, _, names in os.walk(folder) for name in names)


# -- the answer ------------------------------------------------------------------------------------


def listed(found: Sequence[str]) -> list[str]:
    """Return files as lines of text: one for each folder (see `place`), with the number of files and their size."""
    sizes: dict[str, list[int]] = {}
    for file in found:
        if os.path.lexists(file):
            sizes.setdefault(place(file), []).append(os.lstat(file).st_size)
    rows = sorted(sizes.items(), key=lambda row: (-sum(row[1]), row[0]))
    lines = [f"{in_words(sum(each)):>10}  {folder}  {counted(len(each))}" for folder, each in rows[:SHOWN]]
    rest = list(itertools.chain.from_iterable(each for _, each in rows[SHOWN:]))
    if rest:
        lines.append(f"{in_words(sum(rest)):>10}  and {len(rows) - SHOWN} more folders  {counted(len(rest))}")
    total = sum(size for each in sizes.values() for size in each)
    return [*lines, f"{in_words(total):>10}  in all  {counted(sum(map(len, sizes.values())))}"]


def place(file: str) -> str:
    """Return under which folder a file is listed: that of its model, that of all logs or timings, else its own."""
    shared = re.match(r"results/(?:(?:models|checkpoints)/\w+|logs|timings)/", file)
    return shared[0] if shared else f"{os.path.dirname(file)}/"


def counted(files: int) -> str:
    """Return a number of files in words."""
    return f"({files:,} file{'s' if files != 1 else ''})"


def in_words(size: int) -> str:
    """Return a number of bytes in words."""
    return f"{size / 1e6:,.1f} MB" if size >= 100_000 else f"{size / 1e3:,.1f} kB"


def remove(found: dict[str, Path | None]) -> None:
    """Remove files with their records, and the folders that are then empty.

    A result goes before its record: whatever stops the removal, the next one finds the rest.
    """
    for file, record in found.items():
        for each in filter(None, (Path(file), record)):
            each.unlink(missing_ok=True)
            for folder in each.parents:
                if folder in (Path("results"), RECORDS, Path()) or not emptied(folder):
                    break


def emptied(folder: Path) -> bool:
    """Remove a folder if it is empty; return whether it was."""
    try:
        folder.rmdir()
    except OSError:
        return False
    return True


def main(arguments: Sequence[str]) -> int:
    """List what is left behind, or remove it; return the exit status."""
    rest = [each for each in arguments if each != "--remove"]
    kept = explain.planned([*rest, "--", *TARGETS], asked)
    from aelab.jobs import locks, record  # importable only after the workflow has been read

    os.chdir(kept.folder)
    if not RECORDS.is_dir():
        print(f"error: {RECORDS} is not there, which says what the workflow has made.", file=sys.stderr)
        return 2
    found = left_behind(kept)
    if not found:
        print("Nothing is left behind: the configuration asks for all results that are here.")
        return 0
    print("\n".join(listed(list(found))))
    if "--remove" not in arguments:
        print("The configuration does not ask for these. `make prune REMOVE=1` removes them.")
        return 0
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(locks.NoLocks):
            file = locks.acquire(record.RUN)
            if file is None:
                print("error: another run is at work in this folder. Wait for it or stop it.", file=sys.stderr)
                return 2
            stack.enter_context(file)
        remove(found)
    print("Removed.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""What is known about the run of a folder, in files that its jobs on every machine can read.

`RUN` names the run and says whether it has ended; the run's process locks it as long as it lives. `PLAN` holds what the
run has planned. A job that replaces a file of the results locks `WRITING` meanwhile. A process that will become the run
locks `PLANNING` until then.

The `snakemake` process imports this module, so that it uses the standard library alone.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

from aelab.errors import LabError
from aelab.jobs import locks

RUN = Path(".snakemake/aelab_run")
PLAN = Path(".snakemake/aelab_plan")
WRITING = Path(".snakemake/aelab_writing")
PLANNING = Path(".snakemake/aelab_planning")
VARIABLE = "AELAB_RUN"

# The open file `RUN`, if this process is the run of the folder.
held: list[TextIO] = []

# The open file `PLANNING`, if this process will become the run of the folder.
planning: list[TextIO] = []


def write(file: TextIO, content: dict[str, Any]) -> None:
    """Write what is known about the run into the open file `RUN`."""
    file.seek(0)
    file.truncate(0)
    file.write(json.dumps(content))
    file.flush()
    os.fsync(file.fileno())


def recorded() -> dict[str, Any]:
    """Return the content of `RUN`: the key `run`, and possibly `submissions` and `ended`; empty if unreadable."""
    try:
        text = RUN.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return {}
    try:
        content = json.loads(text)
    except ValueError:
        content = text and {"run": text}  # as an earlier version wrote it
    return content if isinstance(content, dict) else {}


def named() -> str:
    """Return the name of the run in `RUN`, followed by ` ended` if it has ended; empty if there is none."""
    content = recorded()
    name = str(content.get("run", ""))
    return f"{name} ended" if name and content.get("ended") else name


def process(name: str) -> str:
    """Return the process of a run of this name, in words."""
    parts = name.split()
    return f"process {parts[1]} on {parts[0]}" if len(parts) >= 3 else "not yet named"


def keep_plan(name: str, time: float, specs: Mapping[str, str]) -> None:
    """Write what a run has planned; `planned` reads it.

    Parameters
    ----------
    name : str
        The name of the run.
    time : float
        When the configuration and the code were read, in seconds since 1970.
    specs : mapping of str to str
        The spec of each job, by the job's first output.
    """
    plan = {"run": name, "time": time, "specs": {output: digest(spec) for output, spec in specs.items()}}
    PLAN.write_text(json.dumps(plan), encoding="utf-8")


def planned() -> dict[str, Any] | None:
    """Return what the run of this job has planned.

    Returns
    -------
    dict or None
        `run`, the name of the run; `time`, when it was planned, in seconds since 1970; `specs`, the digest of each
        job's spec by the job's first output. None if this is unknown.
    """
    name = os.environ.get(VARIABLE)
    if not name:
        return None
    try:
        plan = json.loads(PLAN.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return plan if isinstance(plan, dict) and plan.get("run") == name else None


def digest(spec: str) -> str:
    """Return the digest of a spec by which the plan knows it."""
    return hashlib.sha256(spec.encode()).hexdigest()[:32]


@contextlib.contextmanager
def taking_turns(shared: bool, patience: float = 60.0) -> Iterator[None]:
    """Hold the lock that separates jobs that replace files (`shared`) from a run that takes over (not `shared`).

    Raises
    ------
    LabError
        If the lock is not free within `patience` seconds.
    """
    try:
        file = locks.acquire(WRITING, shared=shared, patience=patience)
    except (locks.NoLocks, OSError):
        yield
        return
    if file is None:
        raise LabError(
            "a job of an earlier run is stopped in the middle of writing a file. End it (`ps` shows a Python that "
            "runs .snakemake/scripts/...) and start again."
        )
    with file:
        yield

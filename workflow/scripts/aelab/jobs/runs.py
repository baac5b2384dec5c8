"""Make sure that a folder has one run at a time, and that its jobs do only what this run has planned.

A run is a `snakemake` process that carries out jobs. It locks a file as long as it lives (the kernel releases the lock
however the process ends), writes its name and its plan into files (`aelab.jobs.record`), and passes its name to its
jobs in an environment variable, so that they can check it (`aelab.jobs.guards`). This has the following consequences:

- Two runs cannot be alive at the same time. Snakemake's own lock survives a killed run; if no run is alive, the next
  one can remove it.
- A job ends soon after its run. On the run's machine it watches the lock, elsewhere the name.
- A job may survive its run all the same (stopped, asleep, waiting in a queue). It neither removes nor replaces a file
  after its run has ended or the next one has begun, since that is allowed only to jobs of the run whose name is
  recorded.
- A job stops if its spec is not the planned one. On a cluster, each job reads the configuration and the code again.

The `snakemake` process imports this module, so that it uses the standard library alone.
"""

import atexit
import contextlib
import os
import secrets
import socket
from collections.abc import Mapping
from pathlib import Path

from aelab.errors import LabError
from aelab.jobs import events, leftovers, locks, record


def tidy() -> str | None:
    """Remove what killed runs have left behind, unless a run is alive: Snakemake's locks and finished checkpoints.

    Every `snakemake` command calls this when it reads the workflow.

    Returns
    -------
    str or None
        A message for the user, if there is something to say.
    """
    try:
        file = locks.acquire(record.RUN)
    except (locks.NoLocks, OSError):
        return None
    if file is None:
        return (
            f"Another run is at work in this folder ({record.process(record.named())}). Two at once are "
            "refused: wait for it or stop it. There is nothing to unlock."
        )
    with file, contextlib.ExitStack() as stack:
        with contextlib.suppress(locks.NoLocks, OSError):
            planning = locks.acquire(record.PLANNING)
            if planning is None:
                return (
                    "Another run is about to begin in this folder. Two at once are refused: wait for it or stop it. "
                    "There is nothing to unlock."
                )
            stack.enter_context(planning)
        stale = list(Path(".snakemake/locks").glob("*.lock"))
        for lock in stale:
            lock.unlink(missing_ok=True)
        leftovers.remove_finished_checkpoints()
    return "An earlier run was killed: its locks are removed, its work is taken up." if stale else None


def hold() -> None:
    """Say that this process will become the run of this folder: until it does, `tidy` leaves Snakemake's lock alone."""
    with contextlib.suppress(locks.NoLocks, OSError):
        file = locks.acquire(record.PLANNING, patience=5)  # the `tidy` of another process is over by then
        if file is not None:
            record.planning.append(file)


def release() -> None:
    """Take back what `hold` has said."""
    while record.planning:
        record.planning.pop().close()


def begun() -> bool:
    """Return whether this process has become a run."""
    return bool(record.held)


def begin(
    planned: float = 0.0,
    specs: Mapping[str, str] | None = None,
    submissions: str | None = None,
    patience: float = 5.0,
) -> str | None:
    """Become the run of this folder until this process ends.

    Parameters
    ----------
    planned : float
        When the configuration and the code were read, in seconds since 1970.
    specs : dict of str to str, optional
        The spec of each job that is to run, by the job's first output.
    submissions : str, optional
        The name of this run's jobs in Slurm.
    patience : float
        Seconds to wait for another run to end.

    Returns
    -------
    str or None
        A message for the user, if there is something to say.

    Raises
    ------
    LabError
        If another run is alive, or the folder cannot be written to.
    """
    name = f"{socket.gethostname()} {os.getpid()} {secrets.token_hex(8)}"
    try:
        try:
            file = locks.acquire(record.RUN, patience=patience)
        except locks.NoLocks:
            file = open(record.RUN, "a+", encoding="utf-8")
        if file is None:
            raise LabError(
                f"another run is at work in this folder ({record.process(record.named())}). Wait for it or "
                "stop it, then start again."
            )
        before = record.recorded()
        with record.taking_turns(shared=False):
            record.keep_plan(name, planned, specs or {})
            record.write(file, {"run": name, "submissions": submissions})
    except OSError as error:
        raise LabError(
            f"{record.RUN.parent.resolve()} cannot be written to: {error.strerror}. Make room, or allow writing."
        ) from None
    record.held.append(file)
    release()
    os.environ[record.VARIABLE] = name
    notice = leftovers.cancel(before.get("submissions"))
    leftovers.remove_partial_files()
    leftovers.remove_finished_checkpoints()
    atexit.register(_end, os.getpid(), Path.cwd())
    return notice


def end() -> None:
    """End the run of this process: from now on none of its jobs, on whatever machine, changes a result."""
    recorded = record.recorded()
    if record.held and recorded.get("run") == os.environ.get(record.VARIABLE):
        if not recorded.get("ended"):
            events.tell("ended")
        with contextlib.suppress(OSError, ValueError):
            record.write(record.held[-1], {**recorded, "ended": True})


def _end(process: int, folder: Path) -> None:
    if os.getpid() == process:
        with contextlib.suppress(OSError):
            os.chdir(folder)
            end()
        leftovers.remove_finished_checkpoints(folder)

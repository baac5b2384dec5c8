"""What a job checks before it starts, while it works and before it replaces a file: that its run is the folder's run.

The `snakemake` process imports this module, so that it uses the standard library alone.
"""

import contextlib
import os
import socket
import threading
import time
from collections.abc import Collection, Iterator
from pathlib import Path

from aelab.errors import LabError
from aelab.jobs import leftovers, locks, record


@contextlib.contextmanager
def writing() -> Iterator[None]:
    """Allow the block to remove or replace files of the results.

    Raises
    ------
    LabError
        If this is a job of a run that has ended, or after which another one has begun.
    """
    name = os.environ.get(record.VARIABLE)
    if not name:
        yield
        return
    with record.taking_turns(shared=True):
        check_current()
        yield


def check_current() -> None:
    """Check that the run of this job has not ended, and that no other run has begun.

    The process of the run itself may still clean up after its jobs when the run has ended.

    Raises
    ------
    LabError
        If the run has ended or another one has begun.
    """
    name, recorded = os.environ.get(record.VARIABLE), record.recorded()
    if name and recorded.get("run", name) != name:
        raise LabError("this job belongs to an earlier run; a newer one has begun: it stops and touches nothing.")
    if name and recorded.get("ended") and not record.held:
        raise LabError("this job belongs to a run that has ended: it stops and touches nothing.")


def check_planned(output: str, spec: str) -> None:
    """Check that a job is the one that its run has planned.

    Parameters
    ----------
    output : str
        The job's first output.
    spec : str
        The spec that the job would carry out.

    Raises
    ------
    LabError
        If the run has planned another spec for this output.
    """
    plan = record.planned()
    if plan and plan["specs"].get(output, record.digest(spec)) != record.digest(spec):
        raise LabError(
            f"the configuration, the rules or the code were edited after this run was planned, so that {output} would "
            "not be what was planned. Start again when this run has ended: what is done stays done."
        )


def check_awaited(outputs: Collection[str], patience: float = 20.0) -> None:
    """Check that the run waits for a job's outputs; it does not if a queue starts the job a second time.

    Parameters
    ----------
    outputs : collection of str
        The outputs of the job.
    patience : float
        Seconds to wait until the run waits for the outputs. Snakemake marks them after it has submitted the job, which
        may have started seconds before.

    Raises
    ------
    LabError
        If the run does not wait for all of them, or has ended.
    """
    end_of_patience = time.monotonic() + patience
    while not set(outputs) <= leftovers.unrecorded(Path()):
        if time.monotonic() > end_of_patience:
            raise LabError("its run does not wait for this job any more: it stops and touches nothing.")
        check_current()
        time.sleep(1)


def watch(interval: float = 0.5) -> None:
    """Start a thread that ends this process soon after its run has ended or another one has begun.

    Parameters
    ----------
    interval : float
        Seconds between two checks. On other machines than the run's, where only the run's name can be checked and not
        its lock, the interval is ten times as long.
    """
    name = os.environ.get(record.VARIABLE)
    if name:
        here = name.split()[0] == socket.gethostname()
        threading.Thread(target=_watch, args=(name, interval if here else 10 * interval, here), daemon=True).start()


def _watch(name: str, interval: float, here: bool) -> None:
    while not over(name, here):
        time.sleep(interval)
    os._exit(1)


def over(name: str, here: bool = True) -> bool:
    """Return whether a run has ended or another one has begun.

    Parameters
    ----------
    name : str
        The name of the run.
    here : bool
        Whether this is the machine of the run, on which its lock can be tested.

    Returns
    -------
    bool
        False also if the file `RUN` is empty or missing.
    """
    if record.named() != name:
        return bool(record.named())
    if not here:
        return False
    try:
        file = locks.acquire(record.RUN, shared=True)
    except (locks.NoLocks, OSError):
        return False
    if file is None:
        return False
    with file:
        return record.named() == name

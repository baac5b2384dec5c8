"""One run at a time in a folder, and nothing written by what an earlier run has left behind.

A run is a `snakemake` process that carries out jobs. It locks the file `RUN` for as long as it lives
(the kernel releases the lock however the process ends), writes its name into it, and hands the name to
its jobs in an environment variable. From these follow:

- two live runs exclude each other, and Snakemake's own lock, which outlives a killed run, can be
  removed by the next one where no run is alive;
- a job ends soon after its run does: on the run's machine it watches the lock;
- a job that lives on all the same (stopped, asleep, on another machine) writes nothing once the next
  run has begun: `writing` lets only the jobs of the run that is named in `RUN` replace a file.

Standard library alone: `snakemake` imports it.
"""

import atexit
import base64
import binascii
import contextlib
import os
import secrets
import shutil
import socket
import threading
import time
from pathlib import Path

from aelab.errors import LabError
from aelab.jobs import locks

RUN = Path(".snakemake/aelab_run")
WRITING = Path(".snakemake/aelab_writing")
VARIABLE = "AELAB_RUN"
RESULTS = Path("results")
CHECKPOINTS = RESULTS / "checkpoints"
FINISHED = ".finished.npz"

_held = []


# -- the run ---------------------------------------------------------------------------------------


def tidy():
    """Remove the locks of killed runs where no run is alive; returns what the user should know, or None.

    Called by every `snakemake` command as it reads the workflow.
    """
    try:
        file = locks.acquire(RUN)
    except (locks.NoLocks, OSError):
        return None
    if file is None:
        return (
            f"Another run is at work in this folder ({_words(_named())}). Two at once are refused: wait for it or "
            "stop it. There is nothing to unlock."
        )
    with file:
        stale = list(Path(".snakemake/locks").glob("*.lock"))
        for lock in stale:
            lock.unlink(missing_ok=True)
        remove_finished_checkpoints()
    return "An earlier run was killed: its locks are removed, its work is taken up." if stale else None


def begin(patience=5.0):
    """Become the run of this folder until this process ends. Raises `LabError` where another run is alive."""
    name = f"{socket.gethostname()} {os.getpid()} {secrets.token_hex(8)}"
    try:
        try:
            file = locks.acquire(RUN, patience=patience)
        except locks.NoLocks:
            file = open(RUN, "a+", encoding="utf-8")
        if file is None:
            raise LabError(
                f"another run is at work in this folder ({_words(_named())}). Wait for it or stop it, then start again."
            )
        with _writing(shared=False):
            file.truncate(0)
            file.write(name)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise LabError(
            f"{RUN.parent.resolve()} cannot be written to: {error.strerror}. Make room, or allow writing."
        ) from None
    _held.append(file)
    os.environ[VARIABLE] = name
    for part in RESULTS.rglob(".*.part"):
        part.unlink(missing_ok=True)
    remove_finished_checkpoints()
    atexit.register(_end, os.getpid(), Path.cwd())


def _end(process, folder):
    if os.getpid() == process:
        remove_finished_checkpoints(folder)


def remove_finished_checkpoints(folder=Path()):
    """Remove the checkpoints of trainings that are done.

    A training is done when its results are there and Snakemake has recorded them. Until then it would
    repeat the job, also one that was killed after its last write, whose results it deletes: the finished
    checkpoint spares it the epochs.
    """
    unrecorded = _unrecorded(folder)
    for path in (folder / CHECKPOINTS).glob(f"*/*/*{FINISHED}"):
        model, seed = path.parts[-3:-1]
        outputs = {f"results/models/{model}/{seed}/{name}" for name in ("weights.npz", "history.csv", "timings.json")}
        if not outputs & unrecorded and all((folder / output).exists() for output in outputs):
            shutil.rmtree(path.parent, ignore_errors=True)
            for empty in (path.parent.parent, path.parent.parent.parent):
                with contextlib.suppress(OSError):
                    empty.rmdir()


def _unrecorded(folder):
    """Outputs of jobs that Snakemake has started and not recorded; it names a marker for each in base64."""
    names = set()
    for marker in (folder / ".snakemake/incomplete").glob("*"):
        with contextlib.suppress(binascii.Error, UnicodeDecodeError, ValueError):
            names.add(base64.urlsafe_b64decode(marker.name).decode())
    return names


# -- its jobs --------------------------------------------------------------------------------------


@contextlib.contextmanager
def writing():
    """A block that may replace a file of the results. Raises `LabError` where a newer run has begun."""
    name = os.environ.get(VARIABLE)
    if not name:
        yield
        return
    with _writing(shared=True):
        if _named() not in (name, ""):
            raise LabError("this job belongs to an earlier run; a newer one has begun: it stops and writes nothing.")
        yield


def watch(interval=0.5):
    """End this process soon after its run has ended or another has begun, from a thread beside the work.

    Only on the run's own machine: elsewhere its lock may not be seen.
    """
    name = os.environ.get(VARIABLE)
    if name and name.split()[0] == socket.gethostname():
        threading.Thread(target=_watch, args=(name, interval), daemon=True).start()


def _watch(name, interval):
    while not over(name):
        time.sleep(interval)
    os._exit(1)


def over(name):
    """Whether the run of this name has ended, or another has begun. An empty or missing file says nothing."""
    if _named() != name:
        return bool(_named())
    try:
        file = locks.acquire(RUN, shared=True)
    except (locks.NoLocks, OSError):
        return False
    if file is None:
        return False
    with file:
        return file.seek(0) == 0 and file.read().strip() == name


def _named():
    try:
        return RUN.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _words(name):
    parts = name.split()
    return f"process {parts[1]} on {parts[0]}" if len(parts) == 3 else "not yet named"


@contextlib.contextmanager
def _writing(shared, patience=60.0):
    """Between the jobs that replace files (shared) and the run that takes over (not shared)."""
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

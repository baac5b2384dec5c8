"""Make sure that a folder has one run at a time, and that its jobs do only what this run has planned.

A run is a `snakemake` process that carries out jobs. It locks the file `RUN` as long as it lives (the kernel releases
the lock however the process ends), writes its name into that file, writes its plan to `PLAN`, and passes its name to
its jobs in an environment variable. This has the following consequences:

- Two runs cannot be alive at the same time. Snakemake's own lock survives a killed run; if no run is alive, the next
  one can remove it.
- A job ends soon after its run. On the run's machine it watches the lock, elsewhere the name.
- A job may survive its run all the same (stopped, asleep, waiting in a queue). It neither removes nor replaces a file
  after its run has ended or the next one has begun, since `writing` allows that only to jobs of the run named in `RUN`.
- A job stops if its spec is not the planned one. On a cluster, each job reads the configuration and the code again.

The `snakemake` process imports this module, so that it uses the standard library alone.
"""

import atexit
import base64
import binascii
import contextlib
import hashlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

from aelab.errors import LabError
from aelab.jobs import locks

RUN = Path(".snakemake/aelab_run")
PLAN = Path(".snakemake/aelab_plan")
WRITING = Path(".snakemake/aelab_writing")
VARIABLE = "AELAB_RUN"
FINISHED = ".finished.npz"

_held = []
_results = set()


# -- the run ---------------------------------------------------------------------------------------


def look_after(folder: str | Path) -> None:
    """Register a folder in which this process has results. If none is registered, it is the folder `results`."""
    _results.add(Path(folder))


def _looked_after() -> list[Path]:
    return sorted(_results) or [Path("results")]


def tidy() -> str | None:
    """Remove what killed runs have left behind, unless a run is alive: Snakemake's locks and finished checkpoints.

    Every `snakemake` command calls this when it reads the workflow.

    Returns
    -------
    str or None
        A message for the user, if there is something to say.
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


def begun() -> bool:
    """Return whether this process has become a run."""
    return bool(_held)


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
    plan = {"run": name, "time": planned, "specs": {output: _digest(spec) for output, spec in (specs or {}).items()}}
    try:
        try:
            file = locks.acquire(RUN, patience=patience)
        except locks.NoLocks:
            file = open(RUN, "a+", encoding="utf-8")
        if file is None:
            raise LabError(
                f"another run is at work in this folder ({_words(_named())}). Wait for it or stop it, then start again."
            )
        before = _recorded()
        with _writing(shared=False):
            PLAN.write_text(json.dumps(plan), encoding="utf-8")
            _record(file, {"run": name, "submissions": submissions})
    except OSError as error:
        raise LabError(
            f"{RUN.parent.resolve()} cannot be written to: {error.strerror}. Make room, or allow writing."
        ) from None
    _held.append(file)
    os.environ[VARIABLE] = name
    notice = _cancel(before.get("submissions"))
    for results in _looked_after():
        for file in _files(results):
            if file.name.startswith(".") and file.suffix == ".part":
                file.unlink(missing_ok=True)
    remove_finished_checkpoints()
    atexit.register(_end, os.getpid(), Path.cwd())
    return notice


def end() -> None:
    """End the run of this process: from now on none of its jobs, on whatever machine, changes a result."""
    recorded = _recorded()
    if _held and recorded.get("run") == os.environ.get(VARIABLE):
        with contextlib.suppress(OSError, ValueError):
            _record(_held[-1], {**recorded, "ended": True})


def _end(process: int, folder: Path) -> None:
    if os.getpid() == process:
        with contextlib.suppress(OSError):
            os.chdir(folder)
            end()
        remove_finished_checkpoints(folder)


def _record(file: TextIO, content: dict[str, Any]) -> None:
    """Write what is known about the run into the open file `RUN`."""
    file.seek(0)
    file.truncate(0)
    file.write(json.dumps(content))
    file.flush()
    os.fsync(file.fileno())


def _cancel(submissions: str | None) -> str | None:
    """Cancel the jobs that a run has left in Slurm's queue; return a message for the user, or None."""
    if not submissions:
        return None
    try:
        command = ["scancel", "--me", "--name", submissions]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        said = done.stderr.strip() if done.returncode else None
    except (OSError, subprocess.TimeoutExpired) as error:
        said = str(error)
    if said:
        return (
            f"Jobs of an earlier run may still be in Slurm's queue: scancel failed ({said}). They write nothing any "
            f"more; to cancel them: {' '.join(command)}"
        )
    return None


def remove_finished_checkpoints(folder: Path = Path()) -> None:
    """Remove the checkpoints of finished trainings below `folder`, the working folder.

    A training is finished when its results exist and Snakemake has recorded them. Until then, Snakemake would delete
    the results and repeat the job, even if it was killed after its last write. The checkpoint then saves repeating the
    epochs.
    """
    unrecorded = _unrecorded(folder)
    finished = [
        (each, path) for each in _looked_after() for path in (folder / each).glob(f"checkpoints/*/*/*{FINISHED}")
    ]
    for results, path in finished:
        model, seed = path.parts[-3:-1]
        names = ("weights.npz", "history.csv", "timings.json")
        outputs = {(results / "models" / model / seed / name).as_posix() for name in names}
        if not outputs & unrecorded and all((folder / output).exists() for output in outputs):
            shutil.rmtree(path.parent, ignore_errors=True)
            for empty in (path.parent.parent, path.parent.parent.parent):
                with contextlib.suppress(OSError):
                    empty.rmdir()


def _unrecorded(folder: Path) -> set[str]:
    """Return the outputs of jobs that Snakemake has started and not yet recorded.

    Snakemake marks each with a file whose name is the output in base64. If that is too long for a file name, it is
    divided into folders, whose names begin with `@`.
    """
    names, markers = set(), folder / ".snakemake/incomplete"
    for marker in _files(markers):
        text = "".join(part.removeprefix("@") for part in marker.relative_to(markers).parts)
        with contextlib.suppress(binascii.Error, UnicodeDecodeError, ValueError):
            names.add(base64.urlsafe_b64decode(text).decode())
    return names


def _files(folder: Path) -> Iterator[Path]:
    """Yield all files below a folder, even while other processes remove some of them."""
    return (Path(path) / name for path, _, names in os.walk(folder) for name in names)


# -- its jobs --------------------------------------------------------------------------------------


@contextlib.contextmanager
def writing() -> Iterator[None]:
    """Allow the block to remove or replace files of the results.

    Raises
    ------
    LabError
        If this is a job of a run that has ended, or after which another one has begun.
    """
    name = os.environ.get(VARIABLE)
    if not name:
        yield
        return
    with _writing(shared=True):
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
    name, recorded = os.environ.get(VARIABLE), _recorded()
    if name and recorded.get("run", name) != name:
        raise LabError("this job belongs to an earlier run; a newer one has begun: it stops and touches nothing.")
    if name and recorded.get("ended") and not _held:
        raise LabError("this job belongs to a run that has ended: it stops and touches nothing.")


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
    plan = planned()
    if plan and plan["specs"].get(output, _digest(spec)) != _digest(spec):
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
    while not set(outputs) <= _unrecorded(Path()):
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
    name = os.environ.get(VARIABLE)
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
    if _named() != name:
        return bool(_named())
    if not here:
        return False
    try:
        file = locks.acquire(RUN, shared=True)
    except (locks.NoLocks, OSError):
        return False
    if file is None:
        return False
    with file:
        return _named() == name


def _recorded() -> dict[str, Any]:
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


def _named() -> str:
    """Return the name of the run in `RUN`, followed by ` ended` if it has ended; empty if there is none."""
    content = _recorded()
    name = str(content.get("run", ""))
    return f"{name} ended" if name and content.get("ended") else name


def _words(name: str) -> str:
    parts = name.split()
    return f"process {parts[1]} on {parts[0]}" if len(parts) >= 3 else "not yet named"


def _digest(spec: str) -> str:
    return hashlib.sha256(spec.encode()).hexdigest()[:32]


@contextlib.contextmanager
def _writing(shared: bool, patience: float = 60.0) -> Iterator[None]:
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

"""One run at a time in a folder, what was planned and nothing else, and nothing touched by an earlier run.

A run is a `snakemake` process that carries out jobs. It locks the file `RUN` for as long as it lives
(the kernel releases the lock however the process ends), writes its name into it, writes what it has planned
beside it, and hands the name to its jobs in an environment variable. From these follow:

- two live runs exclude each other, and Snakemake's own lock, which outlives a killed run, can be
  removed by the next one where no run is alive;
- a job ends soon after its run does: on the run's machine it watches the lock, elsewhere the name;
- a job that lives on all the same (stopped, asleep, waiting in a queue) neither removes nor replaces a file
  once its run has ended or the next has begun: `writing` lets only the jobs of the run that is named in
  `RUN` do that;
- a job whose spec is not the planned one stops: on a cluster each job reads configuration and code anew.

Standard library alone: `snakemake` imports it.
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
from pathlib import Path

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


def look_after(folder):
    """Count a folder among those that this process has results in; `results` alone where none is named."""
    _results.add(Path(folder))


def _looked_after():
    return sorted(_results) or [Path("results")]


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


def begun():
    """Whether this process is a run."""
    return bool(_held)


def begin(planned=0.0, specs=None, submissions=None, patience=5.0):
    """Become the run of this folder until this process ends.

    Parameters
    ----------
    planned : float
        When the configuration and the code were read, in seconds since 1970.
    specs : dict of str to str, optional
        The spec of each job that is to run, by the first of its outputs.
    submissions : str, optional
        The name under which Slurm keeps this run's jobs.
    patience : float
        Seconds to wait for another run to end.

    Returns
    -------
    str or None
        What the user should know.

    Raises
    ------
    LabError
        Where another run is alive, or the folder cannot be written to.
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


def end():
    """End the run of this process: none of its jobs, wherever it is, touches a result from now on."""
    recorded = _recorded()
    if _held and recorded.get("run") == os.environ.get(VARIABLE):
        with contextlib.suppress(OSError, ValueError):
            _record(_held[-1], {**recorded, "ended": True})


def _end(process, folder):
    if os.getpid() == process:
        with contextlib.suppress(OSError):
            os.chdir(folder)
            end()
        remove_finished_checkpoints(folder)


def _record(file, content):
    """Write what is known of the run into the open file `RUN`."""
    file.seek(0)
    file.truncate(0)
    file.write(json.dumps(content))
    file.flush()
    os.fsync(file.fileno())


def _cancel(submissions):
    """Cancel the jobs that a run has left in Slurm's queue; returns what the user should know, or None."""
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


def remove_finished_checkpoints(folder=Path()):
    """Remove the checkpoints of trainings that are done.

    A training is done when its results are there and Snakemake has recorded them. Until then it would
    repeat the job, also one that was killed after its last write, whose results it deletes: the finished
    checkpoint spares it the epochs.
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


def _unrecorded(folder):
    """Outputs of jobs that Snakemake has started and not recorded.

    It marks each with a file named by it in base64, which it parts with `@` where a name would be too long.
    """
    names, markers = set(), folder / ".snakemake/incomplete"
    for marker in _files(markers):
        text = "".join(part.removeprefix("@") for part in marker.relative_to(markers).parts)
        with contextlib.suppress(binascii.Error, UnicodeDecodeError, ValueError):
            names.add(base64.urlsafe_b64decode(text).decode())
    return names


def _files(folder):
    """All files below a folder from which others may be removing some."""
    return (Path(path) / name for path, _, names in os.walk(folder) for name in names)


# -- its jobs --------------------------------------------------------------------------------------


@contextlib.contextmanager
def writing():
    """A block that may remove or replace a file of the results.

    Raises
    ------
    LabError
        In a job of a run that has ended.
    """
    name = os.environ.get(VARIABLE)
    if not name:
        yield
        return
    with _writing(shared=True):
        check_current()
        yield


def check_current():
    """Raise `LabError` in a job of a run that has ended, or after which another has begun.

    The process of the run itself may clear up after its jobs to its end.
    """
    name, recorded = os.environ.get(VARIABLE), _recorded()
    if name and recorded.get("run", name) != name:
        raise LabError("this job belongs to an earlier run; a newer one has begun: it stops and touches nothing.")
    if name and recorded.get("ended") and not _held:
        raise LabError("this job belongs to a run that has ended: it stops and touches nothing.")


def planned():
    """What the run of this job has planned: `time` and `specs`, the digests by output; None where nobody knows."""
    name = os.environ.get(VARIABLE)
    if not name:
        return None
    try:
        plan = json.loads(PLAN.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return plan if isinstance(plan, dict) and plan.get("run") == name else None


def check_planned(output, spec):
    """Raise `LabError` where a job is not the one that its run has planned.

    Parameters
    ----------
    output : str
        The first of the job's outputs.
    spec : str
        The spec that the job would carry out.
    """
    plan = planned()
    if plan and plan["specs"].get(output, _digest(spec)) != _digest(spec):
        raise LabError(
            f"the configuration, the rules or the code were edited after this run was planned, so that {output} would "
            "not be what was planned. Start again when this run has ended: what is done stays done."
        )


def check_awaited(outputs, patience=20.0):
    """Raise `LabError` where the run waits for none of these outputs: a job that a queue starts once more.

    Snakemake marks the outputs of a job when it has submitted it, which a job may be ahead of by seconds.
    """
    end_of_patience = time.monotonic() + patience
    while not set(outputs) <= _unrecorded(Path()):
        if time.monotonic() > end_of_patience:
            raise LabError("its run does not wait for this job any more: it stops and touches nothing.")
        check_current()
        time.sleep(1)


def watch(interval=0.5):
    """End this process soon after its run has ended or another has begun, from a thread beside the work.

    On the run's own machine its lock says so as well, elsewhere the name alone.
    """
    name = os.environ.get(VARIABLE)
    if name:
        here = name.split()[0] == socket.gethostname()
        threading.Thread(target=_watch, args=(name, interval if here else 10 * interval, here), daemon=True).start()


def _watch(name, interval, here):
    while not over(name, here):
        time.sleep(interval)
    os._exit(1)


def over(name, here=True):
    """Whether the run of this name has ended, or another has begun. An empty or missing file says nothing.

    `here` says whether the run's lock can be asked: only on its own machine.
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


def _recorded():
    """What `RUN` says: a dict with the keys `run`, and maybe `submissions` and `ended`."""
    try:
        text = RUN.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return {}
    try:
        content = json.loads(text)
    except ValueError:
        content = text and {"run": text}  # as an earlier version wrote it
    return content if isinstance(content, dict) else {}


def _named():
    """The name of the run that `RUN` names, with a word more where it has ended; "" where there is none."""
    content = _recorded()
    name = str(content.get("run", ""))
    return f"{name} ended" if name and content.get("ended") else name


def _words(name):
    parts = name.split()
    return f"process {parts[1]} on {parts[0]}" if len(parts) >= 3 else "not yet named"


def _digest(spec):
    return hashlib.sha256(spec.encode()).hexdigest()[:32]


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

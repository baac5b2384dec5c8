"""What happens in a run, as files that anyone may read while it goes on.

A run has a folder below `FOLDER`. Every process of the run, on whatever machine, appends to a file of its own there,
one line of JSON per event. On network drives lines of two machines in one file could overwrite each other; here no file
has two writers, and each line is written by one call to a file that is opened and closed for it, so that other machines
see it soon. Nobody waits for a reader, and a line that cannot be written is dropped.

Every event has a `time`, in seconds since 1970, and a name, `event`. The process of the run tells:

- `plan`: the `run`, the number of `slots` for jobs side by side, whether jobs are `submitted` to a queue, and `jobs`
  (`aelab.plan.watching`)
- `started`, `finished`, `failed`: a `job`, named by its first output; when it has finished its `seconds` and its peak
  `memory` in MB; when it has failed its `log` files
- `left_out`: `jobs` that need not run
- `error`: a `text` that Snakemake has reported
- `ended`: the run has ended

Jobs tell, each with the name of the `job`:

- `begun`: the script has started
- `resumed`: after which `epoch` a training goes on
- `epoch`: the number of an `epoch` that is over, its `loss` and that of the `watched` examples; not more than one event
  per second
- `message`: the `text` with which the job fails

The `snakemake` process imports this module, so that it uses the standard library alone.
"""

import contextlib
import json
import math
import os
import shutil
import socket
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aelab.jobs import record

FOLDER = Path(".snakemake/aelab_events")
KEPT = 5  # runs whose events are kept
INTERVAL = 1.0  # seconds between two events `epoch` of a job, at least
LONGEST = 2000  # characters of a text

# The names of events that this process could not write.
lost: list[str] = []
# What every event of this process says beside its own content: the job, in a process that carries one out.
said_always: dict[str, Any] = {}


def run() -> str:
    """Return the name of the run to which this process belongs; empty if there is none."""
    return os.environ.get(record.VARIABLE, "")


def folder_of(run: str) -> Path:
    """Return the folder of the events of a run, by the run's name."""
    return FOLDER / "-".join(run.split())


def prepare() -> None:
    """Make the folder for the events of this process's run, and remove those of all but a few earlier runs."""
    folder = folder_of(run())
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        runs = sorted(FOLDER.iterdir(), key=lambda path: path.stat().st_mtime)
        for old in [path for path in runs if path != folder][: -KEPT + 1]:
            shutil.rmtree(old, ignore_errors=True)


def tell(event: str, **content: object) -> None:
    """Append an event to the file of this process; do nothing if this process belongs to no run.

    Parameters
    ----------
    event : str
        The name of the event.
    **content : JSON value
        What there is to say about it. Numbers that are not finite become null, and long texts are cut.
    """
    name = run()
    if name:
        said = {"time": round(time.time(), 3), "event": event, **said_always, **content}
        line = json.dumps({key: plain(value) for key, value in said.items()}) + "\n"
        try:
            with open(own_file(name), "ab", buffering=0) as file:
                file.write(line.encode())
        except OSError:
            lost.append(event)


def own_file(run: str) -> Path:
    """Return the file to which this process appends."""
    return folder_of(run) / f"{socket.gethostname()}-{os.getpid()}.jsonl"


def plain(value: object) -> object:
    """Return a value as JSON can hold it."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value[:LONGEST] if isinstance(value, str) else value


def begin_job(job: str) -> None:
    """Tell that this process carries out a job, which is named in all later events."""
    said_always["job"] = job
    tell("begun")


class Epochs:
    """Tells of the epochs of a training, from what is written into its checkpoints."""

    def __init__(self) -> None:
        self.told = float("-inf")

    def resumed(self, arrays: Mapping[str, Any]) -> None:
        """Tell after which epoch a training goes on that has left these arrays."""
        if "history" in arrays:
            tell("resumed", epoch=len(arrays["history"]))

    def saved(self, arrays: Mapping[str, Any]) -> None:
        """Tell of the last epoch in these arrays, unless another was told of within `INTERVAL`."""
        now = time.monotonic()
        if now - self.told >= INTERVAL and len(arrays.get("history", ())):
            self.told = now
            epoch, loss, watched = (float(value) for value in arrays["history"][-1])
            tell("epoch", epoch=int(epoch), loss=loss, watched=watched)


class Reader:
    """Reads the events of a run, as far as they have been written.

    Parameters
    ----------
    folder : Path
        The folder of the run's events.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.read: dict[str, int] = {}  # bytes read, by file

    def new(self) -> list[dict[str, Any]]:
        """Return the events that have been written since the last call, in the order of their times."""
        events = []
        with contextlib.suppress(OSError):
            for entry in os.scandir(self.folder):
                with contextlib.suppress(OSError):
                    events += self.lines(entry)
        return sorted(events, key=lambda event: event["time"])

    def lines(self, entry: os.DirEntry) -> list[dict[str, Any]]:
        """Return the new events in one file. A line without an end is left for the next time."""
        start = self.read.get(entry.name, 0)
        if not entry.name.endswith(".jsonl") or entry.stat().st_size <= start:
            return []
        with open(entry.path, "rb") as file:
            file.seek(start)
            text, separator, _ = file.read().rpartition(b"\n")
        self.read[entry.name] = start + len(text) + len(separator)
        events = []
        for line in text.splitlines():
            with contextlib.suppress(ValueError):
                event = json.loads(line)
                if isinstance(event, dict) and {"time", "event"} <= event.keys():
                    events.append(event)
        return events


def newest() -> Path | None:
    """Return the folder of the events of this folder's run, or of its last one; None if there is none.

    The name of the run is recorded. Without a record, the newest folder counts.
    """
    run = record.recorded().get("run")
    if run and folder_of(run).is_dir():
        return folder_of(run)
    with contextlib.suppress(OSError):
        return max(FOLDER.iterdir(), key=lambda path: path.stat().st_mtime, default=None)
    return None

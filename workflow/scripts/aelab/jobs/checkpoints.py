"""Checkpoints of a training: written after each epoch, never resumed by another training.

A checkpoint is named by a digest of the training's whole spec, its code included. Whoever trains
holds a lock beside it, so that a training and one left over from before never write together. When the
results are written the checkpoint is marked as finished; the run removes it once Snakemake has
recorded the results, so that a kill in between costs no training.
"""

import hashlib
import os
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from aelab.errors import LabError
from aelab.jobs import locks
from aelab.jobs.log import log
from aelab.jobs.runs import FINISHED


class Checkpoint:
    """The checkpoint of one training in a folder of its own.

    `save` and `load` take and give a dict of arrays; `load` gives None where there is none to resume. How arrays
    are read and written is not this room's to say: `aelab.training.checkpoints` adds it.
    """

    def read(self, path):
        """The arrays in a file. Raises `LabError` where it is damaged."""
        raise NotImplementedError

    def write(self, path, arrays, synced):
        """Write arrays to a file, as a whole; not `synced`, it may not survive a power cut."""
        raise NotImplementedError

    def __init__(self, folder, spec):
        self.folder = Path(folder)
        name = hashlib.sha256(spec.encode()).hexdigest()[:32]
        self.path = self.folder / f"{name}.npz"
        self.finished = self.folder / f"{name}{FINISHED}"
        self.synced = float("-inf")

    def load(self):
        """The arrays of the checkpoint of this very training, or None; any other is removed."""
        for stale in self.folder.glob("*.npz"):
            if stale not in (self.path, self.finished):
                stale.unlink(missing_ok=True)
        for part in self.folder.glob(".*.part"):
            part.unlink(missing_ok=True)
        for path in (self.finished, self.path):
            if path.exists():
                try:
                    return self.read(path)
                except LabError:
                    self.discard()
        return None

    def discard(self):
        """Remove a checkpoint that cannot be used: the training starts from the beginning."""
        log.info("the checkpoint is damaged: starting from the beginning")
        for path in (self.finished, self.path):
            path.unlink(missing_ok=True)

    def save(self, arrays):
        """Write the checkpoint; forced through to the disk about once a second, as that takes longer than an epoch."""
        now = time.monotonic()
        self.write(self.path, arrays, synced=now - self.synced > 1)
        if now - self.synced > 1:
            self.synced = now

    def finish(self):
        """Mark the training as done: its results are written."""
        if self.path.exists():
            os.replace(self.path, self.finished)

    @contextmanager
    def alone(self):
        """Wait until no other process works on this training, then hold the lock."""
        path = self.folder / "lock"
        try:
            file = locks.acquire(path, patience=5)
            if file is None:
                holder = path.read_text(encoding="utf-8") if path.exists() else ""
                message = f"waiting for an earlier process{holder} that still trains this model; end it if it hangs"
                log.info(message)
                print(message, file=sys.stderr, flush=True)
                file = locks.acquire(path, patience=None)
        except locks.NoLocks:
            yield
            return
        with file:
            file.truncate(0)
            file.write(f" ({os.uname().nodename}, process {os.getpid()})")
            file.flush()
            yield
            if not any(self.folder.glob("*.npz")):
                path.unlink(missing_ok=True)
                for folder in (self.folder, self.folder.parent, self.folder.parent.parent):
                    try:
                        folder.rmdir()
                    except OSError:
                        break

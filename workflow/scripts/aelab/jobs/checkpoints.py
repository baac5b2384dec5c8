"""Checkpoints of a training: written after each epoch, resumed only by the same training.

The name of a checkpoint is a digest of the training's whole spec, which includes its code. The process that trains
holds a lock beside it, so that it never writes at the same time as a process left over from an earlier run. Once the
results have been written, the checkpoint is marked as finished. The run removes it after Snakemake has recorded the
results, so that a kill in between does not cost the training.
"""

import hashlib
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aelab.errors import LabError
from aelab.jobs import events, locks
from aelab.jobs.leftovers import FINISHED
from aelab.jobs.log import log


class Checkpoint:
    """The checkpoint of one training.

    Its content is a dict of arrays. Subclasses define how arrays are read and written (`aelab.training.checkpoints`),
    since this package uses the standard library alone.

    Parameters
    ----------
    folder : str or Path
        A folder for the checkpoints of this model and seed alone.
    spec : str
        The spec of the training.
    """

    def read(self, path: Path) -> dict[str, Any]:
        """Return the arrays in a file by name.

        Raises
        ------
        LabError
            If the file is damaged.
        """
        raise NotImplementedError

    def write(self, path: Path, arrays: Mapping[str, Any], synced: bool) -> None:
        """Write arrays to a file in one step.

        Parameters
        ----------
        path : Path
            The file.
        arrays : mapping
            The arrays by name.
        synced : bool
            Whether to force the file through to the disk; otherwise it may not survive a power cut.
        """
        raise NotImplementedError

    def __init__(self, folder: str | Path, spec: str) -> None:
        self.folder = Path(folder)
        name = hashlib.sha256(spec.encode()).hexdigest()[:32]
        self.path = self.folder / f"{name}.npz"
        self.finished = self.folder / f"{name}{FINISHED}"
        self.synced = float("-inf")
        self.epochs = events.Epochs()

    def load(self) -> dict[str, Any] | None:
        """Return the arrays of this training's checkpoint, or None if there is none that can be read.

        Checkpoints of other trainings in the folder are removed, and so are damaged ones.
        """
        for stale in self.folder.glob("*.npz"):
            if stale not in (self.path, self.finished):
                stale.unlink(missing_ok=True)
        for part in self.folder.glob(".*.part"):
            part.unlink(missing_ok=True)
        for path in (self.finished, self.path):
            if path.exists():
                try:
                    arrays = self.read(path)
                except LabError:
                    self.discard()
                else:
                    self.epochs.resumed(arrays)
                    return arrays
        return None

    def discard(self) -> None:
        """Remove a damaged checkpoint, so that the training starts from the beginning."""
        log.info("the checkpoint is damaged: starting from the beginning")
        for path in (self.finished, self.path):
            path.unlink(missing_ok=True)

    def save(self, arrays: Mapping[str, Any]) -> None:
        """Write the checkpoint.

        It is forced through to the disk only about once a second, because that may take longer than an epoch.
        """
        now = time.monotonic()
        self.write(self.path, arrays, synced=now - self.synced > 1)
        if now - self.synced > 1:
            self.synced = now
        self.epochs.saved(arrays)

    def finish(self) -> None:
        """Mark the training as finished, after its results have been written."""
        if self.path.exists():
            os.replace(self.path, self.finished)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Wait until no other process works on this training, then hold the lock during the block."""
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

"""File locks, which the kernel releases when the process that holds them ends, however it ends."""

import os
import time
from pathlib import Path
from typing import TextIO


class NoLocks(Exception):
    """The operating system or the file system does not support file locks."""


def acquire(path: str | Path, shared: bool = False, patience: float | None = 0.0) -> TextIO | None:
    """Lock a file; the file and its folder are created if necessary.

    Parameters
    ----------
    path : str or Path
        The file.
    shared : bool
        Whether other processes may hold the lock at the same time, if they share it too.
    patience : float or None
        Seconds to wait for a lock that another process holds; None waits for ever.

    Returns
    -------
    file object or None
        The open file, which stays locked until it is closed; None if another process still holds
        the lock after that time.

    Raises
    ------
    NoLocks
        If there are no file locks here.
    OSError
        If the file cannot be opened.
    """
    try:
        import fcntl
    except ImportError:
        raise NoLocks from None
    path = Path(path)
    how = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    deadline = None if patience is None else time.monotonic() + patience
    while True:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            file = open(path, "a+", encoding="utf-8")
        except FileNotFoundError:  # the process that held the lock has removed the folder
            continue
        try:
            fcntl.flock(file, how | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            if deadline is not None and time.monotonic() >= deadline:
                return None
            time.sleep(0.1)
            continue
        except OSError:
            file.close()
            raise NoLocks from None
        if _still_there(path, file):
            return file
        file.close()


def _still_there(path: Path, file: TextIO) -> bool:
    """Return whether the path still names the open file, which the previous holder of the lock may have removed."""
    try:
        return os.stat(path).st_ino == os.fstat(file.fileno()).st_ino
    except FileNotFoundError:
        return False

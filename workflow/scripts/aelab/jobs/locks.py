"""Locks on files that the kernel releases when their holder ends, however it ends."""

import os
import time
from pathlib import Path


class NoLocks(Exception):
    """This system or this file system has no such locks."""


def acquire(path, shared=False, patience=0.0):
    """The open file at `path`, locked until it is closed; None where another process holds it for `patience` seconds.

    `patience` None waits for ever. Makes the file and its folder. Raises `NoLocks`, or `OSError`
    where the file cannot be opened.
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
        except FileNotFoundError:  # the folder was removed by the one who had the lock
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


def _still_there(path, file):
    """Whether the path still names the open file: its holder may have removed it."""
    try:
        return os.stat(path).st_ino == os.fstat(file.fileno()).st_ino
    except FileNotFoundError:
        return False

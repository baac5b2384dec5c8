"""The logger of all jobs, and the handler that writes a job's messages to its log file."""

import contextlib
import logging
import os
from pathlib import Path

log = logging.getLogger("aelab")


class LogFile(logging.StreamHandler):
    """A handler that writes to a new log file.

    An existing file is unlinked first, not truncated, since a process of an earlier run may still write to it. Messages
    that cannot be written, on a full disk for instance, are dropped: they must not make the job fail.

    Parameters
    ----------
    path : Path
        The log file. Its folder is created if necessary.
    """

    def __init__(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            self.file = open(path, "w", encoding="utf-8")
        except OSError:
            self.file = open(os.devnull, "w", encoding="utf-8")
        super().__init__(self.file)
        self.setFormatter(logging.Formatter("%(message)s"))

    def handleError(self, record: logging.LogRecord) -> None:
        """Ignore an error in writing a message."""
        pass

    def close(self) -> None:
        """Close the log file, ignoring errors."""
        with contextlib.suppress(OSError):
            self.file.close()
        super().close()

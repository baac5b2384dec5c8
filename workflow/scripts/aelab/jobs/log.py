"""What jobs say while they run: the logger, and the file that a job's words go to."""

import contextlib
import logging
import os

log = logging.getLogger("aelab")


class LogFile(logging.StreamHandler):
    """A log file of this process alone: one left over from before may still write to its own.

    What cannot be written (a full disk) is left out: the results tell whether the job went well.
    """

    def __init__(self, path):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            self.file = open(path, "w", encoding="utf-8")
        except OSError:
            self.file = open(os.devnull, "w", encoding="utf-8")
        super().__init__(self.file)
        self.setFormatter(logging.Formatter("%(message)s"))

    def handleError(self, record):
        pass

    def close(self):
        with contextlib.suppress(OSError):
            self.file.close()
        super().close()

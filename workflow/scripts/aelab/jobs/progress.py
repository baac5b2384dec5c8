"""The line of progress on the terminal."""

import os
import sys
from typing import TextIO


class Progress:
    """One line of progress on the terminal, used by one job at a time.

    Jobs that run side by side would overwrite each other's line. Therefore only the job that holds a lock on the
    terminal shows its line. If the stream is not a terminal, nothing is shown.

    Parameters
    ----------
    stream : text stream, optional
        Where to write; standard error by default.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stderr
        self.owned = False
        if self.stream.isatty():
            try:
                import fcntl

                self.terminal = open(os.ttyname(self.stream.fileno()), "w")
                fcntl.flock(self.terminal, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self.owned = True
            except (ImportError, OSError):
                pass

    def show(self, text: str) -> None:
        """Replace the line by `text`."""
        if self.owned:
            self.stream.write(f"\r\033[K{text}")
            self.stream.flush()

    def close(self) -> None:
        """Clear the line and release the terminal for another job."""
        if self.owned:
            self.stream.write("\r\033[K")
            self.stream.flush()
            self.terminal.close()
            self.owned = False

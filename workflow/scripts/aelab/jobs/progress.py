"""The line of progress on the terminal."""

import os
import sys


class Progress:
    """One line of progress on the terminal, owned by one job at a time.

    Jobs that run side by side would overwrite each other's line, so that the one that holds the
    terminal's lock shows its own and the others stay silent. Without a terminal nothing is shown.
    """

    def __init__(self, stream=None):
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

    def show(self, text):
        """Replace the line by `text`."""
        if self.owned:
            self.stream.write(f"\r\033[K{text}")
            self.stream.flush()

    def close(self):
        """Clear the line and let another job have the terminal."""
        if self.owned:
            self.stream.write("\r\033[K")
            self.stream.flush()
            self.terminal.close()
            self.owned = False

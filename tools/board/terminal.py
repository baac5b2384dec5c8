"""A terminal that nobody has to wait for."""

from __future__ import annotations

import io
import os
import select
from typing import TextIO

PATIENCE = 0.5  # seconds for a terminal to take something


class Terminal(io.TextIOBase):
    """A stream onto a terminal that drops what the terminal does not take, for example after Ctrl-S.

    Parameters
    ----------
    descriptor : int
        An open file descriptor of the terminal that does not block. It must be a description of its own: whether one
        blocks is shared with all who have inherited it, such as the user's shell.
    """

    encoding = "utf-8"

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.held = b""

    def fileno(self) -> int:
        """Return the file descriptor."""
        return self.descriptor

    def isatty(self) -> bool:
        """Return that this is a terminal."""
        return True

    def writable(self) -> bool:
        """Return that this can be written to."""
        return True

    def write(self, text: str) -> int:
        """Hold text until `flush`, as much as a terminal shows at once; return its length."""
        self.held += text.encode(errors="replace")
        return len(text)

    def flush(self) -> None:
        """Write what is held; drop the rest of it if the terminal takes nothing for `PATIENCE` seconds."""
        rest, self.held = self.held, b""
        while rest and select.select([], [self.descriptor], [], PATIENCE)[1]:
            try:
                rest = rest[os.write(self.descriptor, rest) :]
            except OSError:  # it has gone, or takes nothing after all
                break


def copy_of(stream: TextIO) -> TextIO:
    """Return another stream onto what a stream writes to, which stays when that one is redirected."""
    if stream.isatty():
        try:
            return Terminal(os.open(os.ttyname(stream.fileno()), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY))
        except OSError:
            pass
    return open(os.dup(stream.fileno()), "w", encoding="utf-8", errors="replace")

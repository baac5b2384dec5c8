"""Show a run until it has ended: on a terminal as a board, elsewhere as lines."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from aelab.jobs import events
from board import lines
from board.state import Run

INTERVAL = 1.0  # seconds between two looks


class Shown:
    """A run that is shown on a stream.

    Parameters
    ----------
    events_folder : Path
        The folder of the run's events.
    folder : Path
        The working folder of the run.
    stream : text stream
        Where it is shown.
    errors : bool
        Whether to show what Snakemake has reported beside failed jobs; false for those who hear it from Snakemake.
    """

    def __init__(self, events_folder: Path, folder: Path, stream: TextIO, errors: bool = True) -> None:
        self.reader, self.run = events.Reader(events_folder), Run()
        self.folder, self.stream, self.errors = folder, stream, errors

    def look(self, alive: bool = True) -> None:
        """Read what is new and show it."""
        raise NotImplementedError

    def say(self, text: str) -> None:
        """Show a message that is no event of the run."""
        self.stream.write(f"{text}\n")
        self.stream.flush()

    def close(self, alive: bool = True) -> None:
        """Show the last state of the run."""
        self.look(alive)


class Lines(Shown):
    """A run that is shown as lines: every job that ends, and the progress once a minute."""

    def __init__(self, events_folder: Path, folder: Path, stream: TextIO, errors: bool = True) -> None:
        super().__init__(events_folder, folder, stream, errors)
        self.said, self.told = time.monotonic(), 0

    def look(self, alive: bool = True) -> None:
        """Read what is new, and say what has ended."""
        for job in self.run.apply(self.reader.new()):
            for line in lines.of_job(job, self.folder):
                self.say(line)
        for error in self.run.errors[self.told :] if self.errors else ():
            self.say(error.strip())
        self.told = len(self.run.errors)
        if alive and self.run.begun and time.monotonic() - self.said >= lines.INTERVAL:
            self.said = time.monotonic()
            self.say(lines.progress(self.run, time.time()))

    def close(self, alive: bool = True) -> None:
        """Say what has ended since, and the end of the run."""
        self.look(alive=False)
        if self.run.begun:
            self.say(lines.last(self.run))


class Board(Shown):
    """A run that is shown as a board, which replaces itself."""

    def __init__(self, events_folder: Path, folder: Path, stream: TextIO, errors: bool = True) -> None:
        from rich.console import Console
        from rich.live import Live

        super().__init__(events_folder, folder, stream, errors)
        console = Console(file=stream, force_terminal=True)
        self.live = Live(console=console, auto_refresh=False, redirect_stdout=False, redirect_stderr=False)
        self.live.start()
        console.show_cursor(True)  # a board that is killed leaves the terminal as it was

    def look(self, alive: bool = True) -> None:
        """Read what is new, and draw the board anew."""
        from board import screen

        self.run.apply(self.reader.new())
        board = screen.board(self.run, time.time(), self.folder, alive, self.errors)
        self.live.update(board, refresh=True)

    def say(self, text: str) -> None:
        """Show a message above the board."""
        self.live.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def close(self, alive: bool = True) -> None:
        """Leave the last state of the board on the terminal."""
        try:
            self.look(alive)
        finally:
            self.live.stop()


def shown(events_folder: Path, folder: Path, stream: TextIO, errors: bool = True) -> Shown:
    """Return a run as it is shown on this stream: as a board on a terminal, if there is the library for it.

    The arguments are those of `Shown`.
    """
    if stream.isatty():
        try:
            return Board(events_folder, folder, stream, errors)
        except ImportError:
            pass
    return Lines(events_folder, folder, stream, errors)


def follow(shown: Shown, alive: Callable[[], bool], interval: float = INTERVAL) -> None:
    """Show a run until it has ended, or its process is gone.

    Parameters
    ----------
    shown : Shown
        The run.
    alive : callable
        Says whether the process of the run may still be there.
    interval : float
        Seconds between two looks.
    """
    there = True
    try:
        while there and not shown.run.ended:
            shown.look()
            time.sleep(interval)
            there = alive()
    finally:
        shown.close(alive=there)

"""A logger plugin of Snakemake: the board of the run on the terminal, or a few lines, instead of Snakemake's own lines.

Snakemake looks for logger plugins among the packages that can be imported, and has a method to register others.
`tools/run.py` registers this module and then is the command `snakemake`. So nothing is installed, no job sees anything
of it, and `snakemake` itself is as it was. The other ways have drawbacks: a package that is installed, or a `.pth` file
that points to one, is missing from environments that exist already and is seen by every job; PYTHONPATH would be passed
on to every job, and the Makefile removes it on purpose.

The handler only reads: a thread shows what the run's processes write into files (`aelab.jobs.events`), as `make watch`
does. Messages of Snakemake come to it in a queue, so that the run waits neither for the terminal nor for the thread. If
the thread fails, Snakemake's own lines follow. Until a run begins, warnings and errors are shown at once; whatever else
Snakemake says is shown if no run begins, such as that there is nothing to be done. Dry runs look as they always do.

On a terminal, what jobs write to standard error would tear the board. It goes to a file meanwhile, which is kept beside
Snakemake's log if anything was written, and shown at the end if a job has failed and nothing else says why.
"""

from __future__ import annotations

import collections
import logging
import os
import queue
import shutil
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from snakemake.logging import ColorizingTextHandler, DefaultFilter, DefaultFormatter
from snakemake_interface_logger_plugins.base import LogHandlerBase

from board import state, terminal

VARIABLE = "AELAB_RUN"  # names the run, from the moment in which it begins (`aelab.jobs.record`)
PATIENCE = 3.0  # seconds that the end of a run waits for a terminal that takes nothing
LOG = "Complete log"  # with which Snakemake says at the end where its log file is
RECENT = 50  # messages that are repeated if the board fails
INTERVAL = 0.2  # seconds between two looks at messages
OF_THE_RUN = ("job_info", "job_started", "job_finished", "job_error", "group_info", "group_error", "progress")
OF_THE_RUN += ("shellcmd", "run_info", "resources_info", "debug_dag", "rulegraph", "workflow_started")


class LogHandler(LogHandlerBase):
    """Shows a run. What it shows on is a copy of standard error."""

    writes_to_stream = True
    writes_to_file = False
    has_filter = True
    has_formatter = True
    needs_rulegraph = False

    def __post_init__(self) -> None:
        self.before = os.environ.get(VARIABLE, "")
        self.stream = terminal.copy_of(sys.stderr)
        self.plain = as_usual(self.stream, self.common_settings)
        self.captured = capture() if self.stream.isatty() and not self.common_settings.dryrun else None
        self.kept: list[logging.LogRecord] = []
        self.messages: queue.SimpleQueue[logging.LogRecord] = queue.SimpleQueue()
        self.over = threading.Event()
        self.recent: collections.deque[logging.LogRecord] = collections.deque(maxlen=RECENT)
        self.folder: Path | None = None
        self.run: object = None
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Take a message, which is shown by the thread."""
        self.messages.put(record)

    def work(self) -> None:
        """Show messages and the run until the end. This is what the thread does."""
        try:
            self.show()
        except Exception as error:
            self.run = None
            with suppress(OSError):
                self.stream.write(f"The board has failed ({error!r}). Snakemake's own lines follow.\n")
            for record in self.recent:
                self.plain.handle(record)
            self.pass_on()

    def pass_on(self) -> None:
        """Show all messages as Snakemake does, until the end."""
        while not self.over.is_set() or not self.messages.empty():
            with suppress(queue.Empty):
                self.plain.handle(self.messages.get(timeout=INTERVAL))

    def show(self) -> None:
        """Show messages until a run begins, then the run."""
        if self.common_settings.dryrun:
            self.pass_on()
            return
        while not self.begun() and not self.over.is_set():
            with suppress(queue.Empty):
                self.early(self.messages.get(timeout=INTERVAL))
        if not self.begun():
            while not self.messages.empty():
                self.early(self.messages.get())
            for record in self.kept:
                self.plain.handle(record)
            return
        from aelab.jobs import events
        from board import show

        self.folder = Path.cwd()
        folder = self.folder / events.folder_of(os.environ[VARIABLE])
        shown = show.shown(folder, self.folder, self.stream, errors=False)
        self.run = shown.run
        try:
            looked = float("-inf")
            while not self.over.is_set() or not self.messages.empty():
                with suppress(queue.Empty):
                    self.late(self.messages.get(timeout=INTERVAL), shown)
                if time.monotonic() - looked >= show.INTERVAL:
                    looked = time.monotonic()
                    shown.look()
                if events.lost:
                    raise OSError(f"{events.FOLDER} cannot be written to")
        finally:
            shown.close(alive=False)

    def begun(self) -> bool:
        """Return whether the run of this process has begun."""
        return os.environ.get(VARIABLE, "") not in ("", self.before)

    def early(self, record: logging.LogRecord) -> None:
        """Take a message from the time before the run: warnings are shown at once, others are kept."""
        if record.levelno >= logging.WARNING:
            self.plain.handle(record)
        else:
            self.kept.append(record)

    def late(self, record: logging.LogRecord, shown: object) -> None:
        """Take a message from the time of the run: warnings, errors of no job and the place of the log are shown."""
        self.recent.append(record)
        grave = record.levelno >= logging.WARNING or str(record.msg).startswith(LOG)
        if grave and getattr(record, "event", None) not in OF_THE_RUN:
            shown.look()  # what has happened before
            text = self.plain.format(record)
            if text and self.plain.filter(record) and not state.repeats(text):
                shown.say(text)

    def close(self) -> None:
        """Show the end of the run, and give standard error back."""
        self.over.set()
        self.thread.join(PATIENCE)
        if self.captured:
            with suppress(OSError):
                self.give_back(*self.captured)
            self.captured = None
        super().close()

    def give_back(self, file: TextIO, original: int) -> None:
        """Let standard error be what it was, and keep what was written meanwhile beside Snakemake's log."""
        sys.stderr.flush()
        os.dup2(original, sys.stderr.fileno())
        os.close(original)
        path = Path(file.name)
        if not self.explained():
            self.stream.write(path.read_text(encoding="utf-8", errors="replace"))
            self.stream.flush()
        if path.stat().st_size and self.folder:
            kept = self.folder / ".snakemake" / "log" / f"{time.strftime('%Y-%m-%dT%H%M%S')}.jobs.log"
            shutil.copyfile(path, kept)
        file.close()

    def explained(self) -> bool:
        """Return whether a run was shown to its end, and each of its jobs that failed has said why."""
        return self.run is not None and all(job.message for job in self.run.of(state.FAILED))


def capture() -> tuple[TextIO, int]:
    """Let standard error be a file, for this process and those that it starts.

    Returns
    -------
    file : file object
        The file, which is removed when it is closed.
    original : int
        A descriptor of what standard error was.
    """
    sys.stderr.flush()
    file = tempfile.NamedTemporaryFile("a", prefix="aelab-stderr-", encoding="utf-8")
    original = os.dup(sys.stderr.fileno())
    os.dup2(file.fileno(), sys.stderr.fileno())
    return file, original


def as_usual(stream: TextIO, settings: object) -> logging.Handler:
    """Return a handler that shows messages as Snakemake does without this plugin.

    Parameters
    ----------
    stream : text stream
        Where to show them.
    settings : snakemake.settings.types.OutputSettings
        Snakemake's settings.
    """
    handler = ColorizingTextHandler(nocolor=settings.nocolor, stream=sys.stdout if settings.stdout else stream)
    quiet = settings.quiet
    handler.setFormatter(DefaultFormatter(quiet, settings.show_failed_logs))
    handler.addFilter(
        DefaultFilter(quiet, settings.debug_dag, settings.verbose, settings.dryrun, settings.printshellcmds)
    )
    return handler

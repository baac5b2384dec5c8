"""The board on a terminal."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.measure import Measurement
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from board import words
from board.left import corrections, left, left_of
from board.state import DONE, FAILED, LEFT_OUT, RUNNING, Job, Run

FINISHED = 3  # jobs that have ended last
FAILURES = 4  # jobs that have failed last
AT_WORK = 12  # jobs at work that are listed, half of them where each takes two lines
WIDEST = 1000  # columns, in which every line has its place
STYLES = {"running": "bold", "done": "bold green", "failed": "bold red", "stopped": "bold yellow", "planned": "bold"}


def board(run: Run, now: float, folder: Path, alive: bool = True, errors: bool = True) -> RenderableType:
    """Return the board of a run.

    Parameters
    ----------
    run : Run
        The run.
    now : float
        The time, in seconds since 1970.
    folder : Path
        The working folder of the run.
    alive : bool
        Whether the process of the run may still be there.
    errors : bool
        Whether to show what Snakemake has reported beside failed jobs.
    """
    state = run.state(alive)
    if state == "planned":
        return Text("no job has started yet")
    parts = [head(run, now, state)]
    if state == "running" and run.of(RUNNING):
        parts.append(AtWork(run, now))
    parts += [line("finished", words.ended(job), "dim") for job in run.of(DONE)[-FINISHED:]]
    failed = run.of(FAILED)
    if len(failed) > FAILURES:
        parts.append(line("failed", f"{len(failed) - FAILURES} more jobs", "red"))
    for job in failed[-FAILURES:]:
        parts.append(line("failed", f"{job.label}: {words.reason(job, folder)}", "red"))
        parts.append(line("", f"its log: {', '.join(job.log) or 'none'}", "red"))
    parts += [line("error", error.strip(), "red") for error in run.errors if errors]
    return Group(*parts)


def line(kind: str, said: str, style: str) -> RenderableType:
    """Return what is said of a job, with its kind before it. What is long goes on below itself."""
    table = Table.grid(padding=(0, 2))
    table.add_column(width=10)
    table.add_column(overflow="fold")
    table.add_row(Text(f"  {kind}", style=style), Text(said, style=style))
    return table


def head(run: Run, now: float, state: str) -> RenderableType:
    """Return the first two lines: the state of the run, the share of its work, its time left; its jobs, its time."""
    elapsed = words.duration((run.ended or (now if state == "running" else run.seen)) - run.begun)
    rest = f", about {words.duration(left(run, now))} left" if state == "running" else ""
    left_out = f" ({len(run.of(LEFT_OUT))} left out)" if run.of(LEFT_OUT) else ""
    table = Table.grid(padding=(0, 1))
    table.add_row(
        Text(state, style=STYLES[state]),
        ProgressBar(total=1.0, completed=run.share(), width=24),
        Text(f"{words.percent(run.share())} of the work{rest}", no_wrap=True),
    )
    jobs = f"{len(run.of(DONE))} of {len(run.to_do)} jobs{left_out}"
    return Group(table, Text(f"  {jobs} {'in' if state == 'running' else 'after'} {elapsed}", no_wrap=True))


class AtWork:
    """The jobs at work: trainings with epoch, losses and time left, others with their time.

    A job takes one line, or two where lines are short.

    Parameters
    ----------
    run : Run
        The run.
    now : float
        The time, in seconds since 1970.
    """

    def __init__(self, run: Run, now: float) -> None:
        correction = corrections(run.jobs.values(), now)
        jobs = sorted(run.of(RUNNING), key=lambda job: (not job.epochs, job.started or 0.0))
        self.rows = [
            (Text(f"  {job.label}", overflow="ellipsis", no_wrap=True), cells(job, now, seconds))
            for job in jobs
            for seconds in [left_of(job, correction[job.group], now)]
        ]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the lines."""
        wide = Table.grid(padding=(0, 2))
        for label, cells in self.rows[:AT_WORK]:
            wide.add_row(label, *cells)
        if Measurement.get(console, options.update(max_width=WIDEST), wide).maximum <= options.max_width:
            listed = AT_WORK
            yield wide
        else:
            listed = AT_WORK // 2
            for label, cells in self.rows[:listed]:
                below = Table.grid(padding=(0, 2))
                below.add_row("  ", *cells)
                yield label
                yield below
        if len(self.rows) > listed:
            yield Text(f"  and {len(self.rows) - listed} more", style="dim")


def cells(job: Job, now: float, seconds: float) -> list[RenderableType]:
    """Return how far a job is, its losses, and its time."""
    if job.begun is None:
        return [Text("waits or starts", style="dim"), "", ""]
    past, rest = words.duration(max(now - job.begun, 0.0)), f"{words.duration(seconds)} left"
    if not job.epochs:
        return [Text("for " + past), "", Text(f"about {rest}", style="dim")]
    epoch = Text(f"epoch {job.epoch} of {job.epochs}", style="cyan")
    return [epoch, Text(words.losses(job)), Text(rest if job.seconds_per_epoch() is not None else f"about {rest}")]

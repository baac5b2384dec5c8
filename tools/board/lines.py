"""What happens in a run as lines of text, where there is no terminal: each job that ends, and a line of progress."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from board import words
from board.left import left
from board.state import DONE, FAILED, OVER, RUNNING, Job, Run

INTERVAL = 60.0  # seconds between two lines of progress


def of_job(job: Job, folder: Path) -> Iterator[str]:
    """Yield what to say of a job that has ended: one line, or why it has failed and the end of its log."""
    if job.state == DONE:
        yield f"finished {words.ended(job)}"
    elif job.state == FAILED:
        yield f"failed {job.label}: {words.reason(job, folder)}"
        for line in words.tail(job, folder):
            yield f"    {line}"
        yield f"    its log: {', '.join(job.log) or 'none'}"


def progress(run: Run, now: float) -> str:
    """Return the line of progress: share of the work, jobs, time, and the trainings at work."""
    over = sum(job.state in OVER for job in run.to_do)
    trainings = [
        f"{job.wildcards[0] if job.wildcards else job.label} epoch {job.epoch}/{job.epochs}"
        for job in run.of(RUNNING)
        if job.epochs
    ]
    at_work = f" - {', '.join(trainings)}" if trainings else ""
    return (
        f"{words.percent(run.share())} of the work, {over} of {len(run.to_do)} jobs, "
        f"{words.duration(now - run.begun)}, about {words.duration(left(run, now))} left{at_work}"
    )


def last(run: Run) -> str:
    """Return the last line of a run that has ended."""
    elapsed = words.duration((run.ended or run.seen) - run.begun)
    failed = f", {len(run.of(FAILED))} failed" if run.of(FAILED) else ""
    return f"{len(run.of(DONE))} of {len(run.to_do)} jobs{failed} in {elapsed}"

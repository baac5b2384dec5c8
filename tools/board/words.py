"""Durations, sizes and jobs, as people read them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from board.left import corrections, left, left_of
from board.state import DONE, FAILED, LEFT_OUT, RUNNING, WAITING, Job, Run

SHOWN = 10  # jobs that have ended last
TAIL = 20  # lines of a log


def duration(seconds: float) -> str:
    """Return a duration: `8.2 s`, `45 s`, `3 min 05 s`, `2 h 10 min`."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02d} min"


def size(megabytes: float) -> str:
    """Return a size given in MB: `310 MB`, `1.5 GB`."""
    return f"{megabytes / 1000:.1f} GB" if megabytes >= 1000 else f"{megabytes:.0f} MB"


def percent(share: float) -> str:
    """Return a share as a percentage that says 100 % only of the whole."""
    return f"{min(int(100 * share), 99) if share < 1 else 100}%"


def losses(job: Job) -> str:
    """Return the losses of a training after its last epoch: `loss 0.0123, watched 0.0125`."""
    named = [("loss", job.loss), ("watched", job.watched)]
    return ", ".join(f"{name} {value:.4g}" for name, value in named if value is not None)


def ended(job: Job) -> str:
    """Return a job that has ended in words, with its duration and its peak memory as far as they are known."""
    seconds = job.seconds if job.seconds is not None else job.took()
    parts = [duration(seconds)] if seconds is not None else []
    parts += [size(job.memory)] if job.memory is not None else []
    return f"{job.label}: {', '.join(parts)}" if parts else job.label


def reason(job: Job, folder: Path) -> str:
    """Return why a job has failed: what it said, otherwise the last line of its log.

    Parameters
    ----------
    job : Job
        A job that has failed.
    folder : Path
        The working folder of the run.
    """
    return job.message or next(iter(tail(job, folder)[-1:]), "it ended without a message")


def tail(job: Job, folder: Path) -> list[str]:
    """Return the last lines of a job's log files, none where they cannot be read."""
    lines = []
    for file in job.log:
        try:
            lines += (folder / file).read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            continue
    return [line for line in lines if line.strip()][-TAIL:]


def document(run: Run, now: float, folder: Path, alive: bool = True) -> dict[str, Any]:
    """Return the state of a run for programs, as JSON holds it.

    Returns
    -------
    dict
        `run` (its name), `state` (`Run.state`), `begun` and `ended` (seconds since 1970), `elapsed` and `left`
        (seconds; `left` is null unless it runs), `share` (of the planned work that is done, from 0 to 1), `jobs` (how
        many there are in each state), `running`, `finished` (the last ones) and `failed` (lists of jobs), `errors`.
    """
    state = run.state(alive)
    correction = corrections(run.jobs.values(), now)
    counts = {what: len(run.of(what)) for what in (WAITING, RUNNING, DONE, FAILED, LEFT_OUT)}
    running = [
        {
            **named(job),
            "since": job.started,
            "waits": job.begun is None,
            "epoch": job.epoch if job.epochs else None,
            "epochs": job.epochs or None,
            "loss": job.loss,
            "watched": job.watched,
            "left": round(left_of(job, correction[job.group], now), 1),
        }
        for job in run.of(RUNNING)
    ]
    return {
        "run": run.name,
        "state": state,
        "begun": run.begun,
        "ended": run.ended,
        "elapsed": round((run.ended or now) - run.begun, 1) if run.begun else None,
        "left": round(left(run, now), 1) if state == "running" else None,
        "share": round(run.share(), 4),
        "jobs": {"planned": len(run.jobs), **{what.replace(" ", "_"): number for what, number in counts.items()}},
        "running": running if state == "running" else [],
        "finished": [
            {**named(job), "ended": job.ended, "seconds": job.seconds, "memory": job.memory}
            for job in run.of(DONE)[-SHOWN:]
        ],
        "failed": [{**named(job), "message": reason(job, folder), "log": job.log} for job in run.of(FAILED)],
        "errors": run.errors,
    }


def named(job: Job) -> dict[str, Any]:
    """Return what says which job it is."""
    return {"job": job.name, "rule": job.rule, "wildcards": job.wildcards}

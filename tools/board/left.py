"""How long the rest of a run will take.

Every job has planned seconds, from a run on another machine or of another configuration. What jobs of this run have
taken says by how much these have to be corrected: all jobs together, then trainings and others apart, then the jobs of
each rule and the trainings of each kind of model. A correction counts the more, the more seconds it rests on. A
training that is at work counts with the epochs that are over. The remaining jobs are then laid onto the run's slots in
the order of their priorities, each after the jobs that it follows, as Snakemake will do; the end of the last one is the
end of the run.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable

from board.state import OVER, RUNNING, WAITING, Job, Run

# Planned seconds that speak for the correction of the larger group, before a smaller one has a say of its own.
WEIGHT = 20.0
# A job that takes longer than expected is taken to need this share of its time so far once more.
MORE = 0.2


def planned_here(job: Job) -> float:
    """Return the planned seconds of a job in this run: of a training that goes on from an epoch, those of the rest."""
    return job.planned * (1 - job.resumed / max(job.epochs, 1))


def done_of(job: Job, now: float) -> tuple[float, float]:
    """Return planned and real seconds of the part of a job that is done, as far as they are known, otherwise zeros."""
    took = job.took()
    if took is not None:
        return planned_here(job), took
    pace = job.seconds_per_epoch()
    if job.state == RUNNING and pace is not None:
        epochs = job.clocked[1][1] - job.clocked[0][1]
        return job.planned * epochs / max(job.epochs, 1), pace * epochs
    if job.state == RUNNING and job.working_since and not job.epochs and now - job.working_since > job.planned:
        return job.planned, now - job.working_since  # at least that long
    return 0.0, 0.0


def corrections(jobs: Iterable[Job], now: float) -> dict[str, float]:
    """Return by how much planned seconds are to be multiplied, by the group of jobs.

    Parameters
    ----------
    jobs : iterable of Job
        The jobs of a run.
    now : float
        The time, in seconds since 1970.
    """
    sums: dict[tuple[str, ...], list[float]] = {}
    groups = set()
    for job in jobs:
        known = done_of(job, now)
        classes = ("training" if job.epochs else "other", job.group)
        groups.add(classes)
        for key in ((), classes[:1], classes):
            total = sums.setdefault(key, [0.0, 0.0])
            total[0] += known[0]
            total[1] += known[1]

    def corrected(key: tuple[str, ...], larger: float) -> float:
        planned, real = sums[key]
        return (WEIGHT * larger + real) / (WEIGHT + planned)

    found = {}
    for classes in groups:
        whole = corrected((), 1.0) if sums[()][0] else 1.0
        found[classes[1]] = corrected(classes, corrected(classes[:1], whole))
    return found


def left_of(job: Job, correction: float, now: float) -> float:
    """Return how many seconds a job that runs or waits will still take.

    Parameters
    ----------
    job : Job
        The job.
    correction : float
        By how much its planned seconds are to be multiplied.
    now : float
        The time, in seconds since 1970.
    """
    expected = planned_here(job) * correction
    if job.state != RUNNING or job.working_since is None:
        return expected
    pace = job.seconds_per_epoch()
    if pace is not None:
        return max(pace * (job.epochs - job.epoch) - (now - job.clocked[1][0]), 0.0)
    past = max(now - job.working_since, 0.0)
    return max(expected - past, MORE * min(past, expected))


def left(run: Run, now: float) -> float:
    """Return how many seconds a run will still take.

    Parameters
    ----------
    run : Run
        The run.
    now : float
        The time, in seconds since 1970.
    """
    correction = corrections(run.jobs.values(), now)
    remaining = {
        job.name: left_of(job, correction[job.group], now)
        for job in run.jobs.values()
        if job.state in (RUNNING, WAITING)
    }
    followers: dict[str, list[str]] = {}
    awaited = {}
    for name in remaining:
        job = run.jobs[name]
        before = [each for each in job.after if each in run.jobs and run.jobs[each].state not in OVER]
        awaited[name] = len(before) if job.state == WAITING else 0
        for each in before if job.state == WAITING else ():
            followers.setdefault(each, []).append(name)
    at_work = [(seconds, name) for name, seconds in remaining.items() if run.jobs[name].state == RUNNING]
    heapq.heapify(at_work)
    ready = [(-run.jobs[name].priority, -remaining[name], name) for name in remaining if not awaited[name]]
    ready = [each for each in ready if run.jobs[each[2]].state == WAITING]
    heapq.heapify(ready)
    limit = float("inf") if run.gpus is None else max(run.gpus, max((job.gpus for job in run.jobs.values()), default=0))
    free = limit - sum(run.jobs[name].gpus for _, name in at_work)
    clock = 0.0
    while at_work or ready:
        held = []  # jobs whose GPU is busy
        while ready and len(at_work) < run.slots:
            first = heapq.heappop(ready)
            if run.jobs[first[2]].gpus > free:
                held.append(first)
                continue
            free -= run.jobs[first[2]].gpus
            heapq.heappush(at_work, (clock + remaining[first[2]], first[2]))
        for each in held:
            heapq.heappush(ready, each)
        clock, ended = heapq.heappop(at_work)
        free += run.jobs[ended].gpus
        for name in followers.get(ended, ()):
            awaited[name] -= 1
            if not awaited[name]:
                heapq.heappush(ready, (-run.jobs[name].priority, -remaining[name], name))
    return clock

"""The jobs of a run, as the events of the run tell of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

WAITING, RUNNING, DONE, FAILED, LEFT_OUT = "waiting", "running", "done", "failed", "left out"
OVER = (DONE, LEFT_OUT)

# What Snakemake says, in many words, beside a job that has failed.
REPEATED = re.compile(
    r"Exiting because a job execution failed|At least one job did not complete|"
    r"CalledProcessError.*returned non-zero exit status",
    re.DOTALL,
)


def repeats(text: str) -> bool:
    """Return whether an error of Snakemake only repeats that a job has failed."""
    return REPEATED.search(text) is not None


@dataclass
class Job:
    """A job of a run.

    Parameters
    ----------
    name : str
        Its first output.
    rule : str
        The name of its rule.
    wildcards : list of str
        The values of its wildcards.
    planned : float
        The seconds that it was expected to take when the run was planned.
    priority : int
        Its priority for Snakemake's scheduler.
    after : list of str
        The names of the jobs of this run that it follows.
    log : list of str
        Its log files.
    kind : str or None
        The kind of the model that it trains.
    epochs : int
        The epochs of the training, 0 for other jobs.
    submitted : bool
        Whether it is submitted to a queue, in which it may wait.
    state : str
        One of `WAITING`, `RUNNING`, `DONE`, `FAILED`, `LEFT_OUT`.
    started, begun, ended : float or None
        When Snakemake has started or submitted it, its script has begun, and it has ended, in seconds since 1970.
    seconds, memory : float or None
        What Snakemake has measured: seconds, and peak memory in MB.
    resumed : int
        The epoch after which the training went on, 0 if it began anew.
    epoch : int
        The last epoch that is over.
    loss, watched : float or None
        The losses after that epoch.
    clocked : list of (float, int)
        First and last time at which an epoch was over, or from which the training went on, with that epoch.
    message : str
        Why it has failed.
    gpus : int
        How many GPUs it occupies.
    """

    name: str
    rule: str
    wildcards: list[str]
    planned: float
    priority: int = 0
    after: list[str] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    kind: str | None = None
    epochs: int = 0
    submitted: bool = False
    state: str = WAITING
    started: float | None = None
    begun: float | None = None
    ended: float | None = None
    seconds: float | None = None
    memory: float | None = None
    resumed: int = 0
    epoch: int = 0
    loss: float | None = None
    watched: float | None = None
    clocked: list[tuple[float, int]] = field(default_factory=list)
    message: str = ""
    gpus: int = 0

    @property
    def label(self) -> str:
        """The rule and the wildcards, for example `train_model dense_2/1`."""
        return f"{self.rule} {'/'.join(self.wildcards)}".strip()

    @property
    def group(self) -> str:
        """What jobs it is compared with: those of its rule, or trainings of the same kind of model."""
        return f"{self.rule}/{self.kind}" if self.kind else self.rule

    @property
    def working_since(self) -> float | None:
        """Since when it occupies its place: since it was started, but not while it waits in a queue."""
        return self.begun if self.submitted else self.started

    def took(self) -> float | None:
        """Return how long it took; None unless it is done and that is known."""
        if self.state != DONE or self.ended is None or self.working_since is None:
            return None
        return self.ended - self.working_since

    def seconds_per_epoch(self) -> float | None:
        """Return how long an epoch takes, from those of this run; None before two are over."""
        if len(self.clocked) < 2 or self.clocked[1][1] <= self.clocked[0][1]:
            return None
        (first, a), (last, b) = self.clocked
        return (last - first) / (b - a)

    def share(self) -> float:
        """Return which share of it is done, as far as that is known: that of its epochs."""
        if self.state in OVER:
            return 1.0
        begun = self.epochs and self.state in (RUNNING, FAILED)  # what has failed goes on after its last epoch
        return min(self.epoch / self.epochs, 1.0) if begun else 0.0


class Run:
    """A run, as far as events have told.

    Attributes
    ----------
    name : str
        The name of the run; empty before its plan is known.
    slots : int
        How many jobs may run side by side.
    gpus : int or None
        How many GPUs jobs may occupy side by side; None if that is not limited.
    jobs : dict of str to Job
        Its jobs by name.
    begun, ended : float or None
        When it began and ended, in seconds since 1970.
    seen : float
        The time of the last event.
    errors : list of str
        What Snakemake has reported beside failed jobs.
    """

    def __init__(self, events: Iterable[dict[str, Any]] = ()) -> None:
        self.name, self.slots, self.gpus = "", 1, None
        self.jobs: dict[str, Job] = {}
        self.begun: float | None = None
        self.ended: float | None = None
        self.seen = 0.0
        self.errors: list[str] = []
        self.early: list[dict[str, Any]] = []  # events that were read before the plan
        self.apply(events)

    def apply(self, events: Iterable[dict[str, Any]]) -> list[Job]:
        """Take note of events, and return the jobs that have ended by them, in order."""
        over = []
        for event in events:
            self.seen = max(self.seen, event["time"])
            if event["event"] == "plan":
                self.plan(event)
                over += self.apply(self.early)
                self.early = []
            elif self.begun is None:
                self.early.append(event)
            elif event["event"] == "ended":
                self.ended = event["time"]
            elif event["event"] == "error":
                if not repeats(event.get("text", "")):
                    self.errors.append(event.get("text", ""))
            elif event["event"] == "left_out":
                for job in self.known(event.get("jobs", [])):
                    job.state, job.ended = LEFT_OUT, event["time"]
            else:
                over += [job for job in self.known([event.get("job")]) if self.happened(job, event)]
        return over

    def known(self, names: Iterable[str | None]) -> list[Job]:
        """Return the jobs of these names that belong to the run."""
        return [self.jobs[name] for name in names if name in self.jobs]

    def plan(self, event: dict[str, Any]) -> None:
        """Take note of the plan."""
        self.name, self.slots, self.begun = event.get("run", ""), max(int(event.get("slots", 1)), 1), event["time"]
        self.gpus = event.get("gpus")
        for job in event.get("jobs", []):
            self.jobs[job["job"]] = Job(
                job["job"],
                job["rule"],
                job["wildcards"],
                job["seconds"],
                job.get("priority", 0),
                job.get("after", []),
                job.get("log", []),
                job.get("kind"),
                job.get("epochs", 0),
                event.get("submitted", False),
                gpus=job.get("gpus", 0),
            )

    def happened(self, job: Job, event: dict[str, Any]) -> bool:
        """Take note of an event of a job, and return whether the job has ended by it.

        Events of other machines may be seen late: what happened after the start that is told of stays.
        """
        what, time = event["event"], event["time"]
        if what == "started":
            job.started = time
            if job.ended is None or job.ended < time:
                job.state, job.ended, job.message = RUNNING, None, ""
            if job.begun is not None and job.begun < time:
                job.begun = None
            if job.clocked and job.clocked[-1][0] < time:
                job.clocked, job.resumed, job.epoch = [], 0, 0
        elif what == "begun":
            job.begun = time
        elif what in ("epoch", "resumed"):
            job.epoch, job.loss, job.watched = event["epoch"], event.get("loss"), event.get("watched")
            job.clocked = [*job.clocked[:1], (time, job.epoch)]
            job.resumed = job.epoch if what == "resumed" else job.resumed
        elif what == "message":
            job.message = event.get("text", "")
        elif what == "failed":
            job.state, job.ended, job.log = FAILED, time, event.get("log") or job.log
        elif what == "finished":
            job.state, job.ended = DONE, time
            job.seconds, job.memory = event.get("seconds"), event.get("memory")
        return what in ("finished", "failed")

    def of(self, *states: str) -> list[Job]:
        """Return the jobs in any of these states: those that have ended by the time of their end."""
        jobs = [job for job in self.jobs.values() if job.state in states]
        return sorted(jobs, key=lambda job: (job.ended or 0.0, job.started or 0.0))

    @property
    def to_do(self) -> list[Job]:
        """The jobs that were planned and not left out."""
        return [job for job in self.jobs.values() if job.state != LEFT_OUT]

    def share(self) -> float:
        """Return which share of the planned work is done, from 0 to 1; jobs that were left out do not count."""
        whole = sum(job.planned for job in self.to_do)
        return sum(job.planned * job.share() for job in self.to_do) / whole if whole else 1.0

    def state(self, alive: bool = True) -> str:
        """Return `planned`, `running`, `done`, `failed` or `stopped`.

        Parameters
        ----------
        alive : bool
            Whether the process of the run may still be there.
        """
        if self.begun is None:
            return "planned"
        if all(job.state in OVER for job in self.jobs.values()):
            return "done"
        if alive and not self.ended:
            return "running"
        return "failed" if self.of(FAILED) or self.errors else "stopped"

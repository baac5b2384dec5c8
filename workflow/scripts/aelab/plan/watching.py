"""Tell what a run does, as events in files (`aelab.jobs.events`): its plan, and each job that starts or ends.

Snakemake's own log is the source, through a handler like any other. It works with and without a board, which only reads
the files (`tools/watch.py`).
"""

from __future__ import annotations

import csv
import json
import logging
from typing import TYPE_CHECKING, Any

from snakemake.logging import logger

from aelab.jobs import events
from aelab.kinds.declarations import Config
from aelab.plan import effort
from aelab.plan.durations import Durations, name_of

if TYPE_CHECKING:
    from snakemake.jobs import Job
    from snakemake.workflow import Workflow


def tell_of(workflow: Workflow, config: Config) -> None:
    """Tell of the plan of a run that begins, and from now on of its jobs. A failure in this does not end the run.

    Parameters
    ----------
    workflow : snakemake.workflow.Workflow
        The workflow, whose jobs are planned.
    config : dict
        The complete configuration.
    """
    try:
        _tell_of(workflow, config)
    except Exception as error:
        logger.warning(f"This run cannot be watched ({type(error).__name__}: {error}).")


def _tell_of(workflow: Workflow, config: Config) -> None:
    jobs = [job for job in workflow.dag.needrun_jobs() if job.output and not job.is_norun]
    durations = Durations()
    slots = workflow._cores if workflow.local_exec else workflow.nodes
    gpus = workflow.global_resources.get("gpu")
    events.prepare()
    events.tell(
        "plan",
        run=events.run(),
        slots=min(slots or 1, len(jobs) or 1),
        gpus=None if gpus is None else gpus.value,
        submitted=not workflow.local_exec,
        jobs=[described(job, workflow, config, durations) for job in jobs],
    )
    logger.addHandler(Teller({job.jobid: job for job in jobs}))


def described(job: Job, workflow: Workflow, config: Config, durations: Durations) -> dict[str, Any]:
    """Return what the event `plan` says about a job.

    Returns
    -------
    dict
        Its name (`job`), `rule`, `wildcards` (values), `priority`, expected `seconds`, the `name` by which these are
        known, the jobs that it comes `after`, the `gpus` that it occupies, and its `log`; for trainings also `kind`,
        `work` and `epochs`.
    """
    name = name_of(str(job.benchmark or job.rule.name))
    model = trained(job, config)
    work = effort.work(config, model) if model else 0.0
    kind = config["models"][model]["kind"] if model else None
    training = {"kind": kind, "work": work, "epochs": effort.epochs(config, model)} if model else {}
    before = [each for each in workflow.dag.dependencies[job] if each.output and workflow.dag.needrun(each)]
    return {
        "job": str(job.output[0]),
        "rule": job.rule.name,
        "wildcards": [str(value) for value in job.wildcards],
        "priority": job.priority,
        "name": name,
        "seconds": round(durations.seconds(name, work, kind), 3),
        "after": [str(each.output[0]) for each in before],
        "gpus": int(job.resources.get("gpu", 0) or 0),
        "log": [str(file) for file in job.log],
        **training,
    }


def trained(job: Job, config: Config) -> str | None:
    """Return the model that a job trains by gradient descent; None for other jobs, whatever workflow they are of."""
    try:
        settings = json.loads(job.params.get("spec"))
        model = settings["model"] if "entry" in settings else None
    except (TypeError, ValueError, KeyError):
        return None
    return model if config["models"].get(model, {}).get("epochs") else None


class Teller(logging.Handler):
    """Turns Snakemake's messages into events.

    Parameters
    ----------
    jobs : dict of int to snakemake.jobs.Job
        The jobs of the run by Snakemake's numbers.
    """

    def __init__(self, jobs: dict[int, Job]) -> None:
        super().__init__()
        self.jobs = {number: str(job.output[0]) for number, job in jobs.items()}
        self.timings = {number: str(job.benchmark) for number, job in jobs.items() if job.benchmark}

    def emit(self, record: logging.LogRecord) -> None:
        """Tell of a message, if it is about a job or an error. No failure in this may end the run."""
        try:
            self.tell(record)
        except Exception:
            self.handleError(record)

    def tell(self, record: logging.LogRecord) -> None:
        """Tell of a message as an event, if it is one."""
        event = getattr(record, "event", None)
        if event == "job_info" and record.jobid in self.jobs:
            events.tell("started", job=self.jobs[record.jobid])
        elif event == "job_finished" and record.job_id in self.jobs:
            events.tell("finished", job=self.jobs[record.job_id], **measured(self.timings.get(record.job_id)))
        elif event == "job_error" and record.jobid in self.jobs:
            events.tell("failed", job=self.jobs[record.jobid], log=list(record.log))
        elif event == "group_error":
            for each in record.job_error_info:
                if each["jobid"] in self.jobs:
                    events.tell("failed", job=self.jobs[each["jobid"]], log=list(each["log"]))
        elif hasattr(record, "left_out"):
            events.tell("left_out", jobs=[self.jobs[number] for number in record.left_out if number in self.jobs])
        elif record.levelno >= logging.ERROR and event in (None, "error"):
            events.tell("error", text=record.getMessage())


def measured(timings: str | None) -> dict[str, float]:
    """Return `seconds` and peak `memory` in MB from the timings that Snakemake has written; nothing if they lack."""
    try:
        with open(timings or "", encoding="utf-8", newline="") as file:
            row = next(csv.DictReader(file, delimiter="\t"))
        return {"seconds": float(row["s"]), "memory": float(row["max_rss"])}
    except (OSError, StopIteration, KeyError, TypeError, ValueError):
        return {}

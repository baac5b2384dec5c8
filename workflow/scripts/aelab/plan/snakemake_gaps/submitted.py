"""Close the gaps in the nested Snakemake processes that carry out submitted jobs."""

import functools

from snakemake.exceptions import WorkflowError
from snakemake.jobs import Job
from snakemake.persistence import PersistenceBase

from aelab.errors import LabError
from aelab.jobs import guards


def leave_records_to_the_main_process() -> None:
    """Count a submitted job's results as incomplete until the main process has recorded how they were made.

    A nested Snakemake removes the mark of incomplete results as soon as its job has finished. If the main process were
    killed before it notices (which takes half a minute on a cluster), results would be left without a record. It also
    overwrites the number that the cluster gave the job. In Snakemake, `PersistenceBase.started` and `finished` could do
    their work in the main process alone.
    """

    async def finished(persistence: PersistenceBase, job: Job) -> None:
        pass

    PersistenceBase.started = lambda persistence, job, external_jobid=None: None
    PersistenceBase.finished = finished
    PersistenceBase.cleanup = lambda persistence, job: None


def check_jobs_before_they_start() -> None:
    """Let a submitted job do only what was planned, and only while its run waits for it.

    A nested Snakemake reads the configuration and the code again, while the main process records the plan that it has
    made before; and a queue may start a job again that its run has counted as failed. The main process of Snakemake
    could hand over what it has planned.
    """
    prepare = Job.prepare

    @functools.wraps(prepare)
    async def prepare_what_was_planned(job: Job) -> None:
        try:
            guards.check_current()
            if job.output and not job.is_norun:
                if job.params.get("spec"):  # a rule of another workflow, which imports this one, may have none
                    guards.check_planned(str(job.output[0]), job.params.spec)
                guards.check_awaited([str(file) for file in job.output])
        except LabError as error:
            raise WorkflowError(str(error)) from None
        await prepare(job)

    Job.prepare = prepare_what_was_planned

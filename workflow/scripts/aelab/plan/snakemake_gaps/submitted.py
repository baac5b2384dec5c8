"""Close the gaps in the nested Snakemake processes that carry out submitted jobs."""

import functools
import sys

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


def run_groups_in_one_process() -> None:
    """Let the jobs of a group on Slurm run in the process that was submitted, where they share a start.

    Slurm's plugin has the submitted process start another Snakemake for each job of a group, by `srun`. Each plans
    again and loads the libraries again, which takes longer than a short training. All jobs of this workflow have one
    thread and none uses MPI, so that `srun` gives them nothing. The plugin could do so where all jobs of a group are
    like that.
    """
    plugin = sys.modules.get("snakemake_executor_plugin_slurm")
    if plugin is None:
        return
    format_job_exec = plugin.Executor.format_job_exec

    @functools.wraps(format_job_exec)
    def format_in_one_process(executor: object, job: object) -> str:
        command = format_job_exec(executor, job)
        if not job.is_group():
            return command
        return command.replace("--executor slurm-jobstep --jobs 1", f"--executor local --cores {job.threads}")

    plugin.Executor.format_job_exec = format_in_one_process

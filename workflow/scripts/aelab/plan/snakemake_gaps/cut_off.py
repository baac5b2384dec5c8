"""Close the gap that a run makes results again that would come out as they are: early cut-off."""

import collections
import contextlib
import functools
import os
from collections.abc import Collection

from snakemake.dag import DAG
from snakemake.jobs import GroupJob, Job
from snakemake.logging import logger
from snakemake.settings.types import RerunTrigger
from snakemake.workflow import Workflow

LARGE = 1_000_000  # bytes of a file that takes time to compare, the default of Snakemake's `--max-checksum-file-size`


def stop_where_nothing_changes(workflow: Workflow) -> None:
    """Leave a job out if everything that it reads has come out as it was.

    Snakemake plans before it runs: if a job runs, every job after it runs, even if the new results have the same bytes.
    Only when it plans the next run does it compare inputs by content. Here, each job is looked at again when the last
    job before it has ended, as Snakemake would look at it if it planned at that moment. If it would not run, it counts
    as done. A dry run shows the plan as it is. In Snakemake, `DAG.finish` could ask `update_needrun` about the jobs
    that become ready (#1964).

    Parameters
    ----------
    workflow : snakemake.workflow.Workflow
        The workflow that is being read.
    """
    finish = DAG.finish
    checksums, remade = {}, set()

    @functools.wraps(finish)
    async def finish_and_leave_out(dag: DAG, job: Job, update_checkpoint_dependencies: bool = True) -> bool:
        ready = await finish(dag, job, update_checkpoint_dependencies)
        if workflow.dryrun or workflow.touch or workflow.remote_execution_settings.immediate_submit:
            return ready
        queue = members(job)
        remade.update(str(file) for each in queue for file in each.output)
        left_out = []
        while queue:
            for follower in list(dag.depending[queue.pop()]):
                unit = dag.get_job_group(follower) or follower  # jobs of a group are ready, and end, together
                own = members(unit)
                if unit in dag.ready_jobs and all([await up_to_date(dag, each, remade, checksums) for each in own]):
                    for each in own:
                        await spare_checksums(each)
                    dag.register_running({unit})
                    ready = await finish(dag, unit, update_checkpoint_dependencies) or ready
                    workflow.scheduler.finished_jobs += len(own)
                    left_out += own
                    queue += own
        if left_out:
            rules = collections.Counter(follower.rule.name for follower in left_out)
            jobs = ", ".join(f"{rule} ({number})" if number > 1 else rule for rule, number in rules.items())
            said = f"Not run, since what they read has come out as it was: {jobs}"
            logger.info(said, extra={"left_out": [follower.jobid for follower in left_out]})
        return ready

    DAG.finish = finish_and_leave_out


def members(job: Job | GroupJob) -> list[Job]:
    """Return the jobs of a group, or a job by itself."""
    return list(job) if job.is_group() else [job]


async def up_to_date(
    dag: DAG,
    job: Job,
    remade: Collection[str] = frozenset(),
    checksums: dict[str, str | None] | None = None,
    to_come: Collection[str] = frozenset(),
) -> bool:
    """Return whether a job that follows others would not run if Snakemake planned now (`DAG.update_needrun`).

    Parameters
    ----------
    dag : snakemake.dag.DAG
        The plan.
    job : snakemake.jobs.Job
        A job of the plan.
    remade : collection of str
        The files that this run has made. They are compared by content whatever their times are, since a file system
        that several machines share may still show earlier times.
    checksums : dict of str to str, optional
        The checksums of inputs so far. Those that are needed here are added.
    to_come : collection of str
        Files that are assumed to come out as they were.

    Returns
    -------
    bool
        False also if Snakemake has no record to compare with.
    """
    if not job.output or job.is_norun or job.is_checkpoint:
        return False
    if job.rule in dag.forcerules or not dag.forcefiles.isdisjoint(job.output):
        return False
    if [file async for file in job.missing_output(job.output)]:
        return False
    records, triggers = dag.workflow.persistence, dag.workflow.rerun_triggers
    if not records.has_metadata(job) or records.has_outdated_metadata(job) or await records.incomplete(job):
        return False
    job.reset_params_and_resources()
    if RerunTrigger.PARAMS in triggers and records.params_changed(job):
        return False
    if RerunTrigger.CODE in triggers and [file async for file in job.outputs_older_than_script_or_notebook()]:
        return False
    changes = {
        RerunTrigger.INPUT: records.input_changed,
        RerunTrigger.CODE: records.code_changed,
        RerunTrigger.SOFTWARE_ENV: records.software_stack_changed,
    }
    if any(any(changed(job)) for trigger, changed in changes.items() if trigger in triggers):
        return False
    checksums, oldest = {} if checksums is None else checksums, await job.output_mintime
    for file in job.input:
        if str(file) in to_come:
            continue
        if not await file.exists():
            return False
        if str(file) in remade or await file.is_newer(oldest):
            recorded = records.input_checksums(job, file)
            if len(recorded) != 1 or None in recorded:
                return False
            if str(file) not in checksums:
                checksums[str(file)] = await file.checksum(dag.max_checksum_file_size)
            if recorded != {checksums[str(file)]}:
                return False
    return True


async def spare_checksums(job: Job) -> None:
    """Give a job's results the present time if they are older than a large input.

    Otherwise every later plan would compare this input by content, which takes seconds for codes and corrupted images.

    Parameters
    ----------
    job : snakemake.jobs.Job
        A job that is left out.
    """
    oldest = await job.output_mintime
    if any([await file.is_newer(oldest) and await file.size() > LARGE for file in job.input]):
        for file in [*job.output, *([job.benchmark] if job.benchmark else [])]:
            with contextlib.suppress(OSError):
                os.utime(file)

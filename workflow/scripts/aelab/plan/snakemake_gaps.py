"""What Snakemake 9.27 lacks that this workflow needs: each gap with what closes it here and what would upstream.

Called once by `rules/start.smk`. Every function changes a class of Snakemake's for this process.
"""

import _thread
import collections
import functools

from snakemake.dag import DAG
from snakemake.exceptions import WorkflowError
from snakemake.jobs import Job
from snakemake.logging import logger
from snakemake.persistence import PersistenceBase
from snakemake.scheduling.job_scheduler import JobScheduler
from snakemake.settings.types import RerunTrigger

from aelab.errors import LabError
from aelab.jobs import runs


def close(workflow):
    """Close the gaps in the process that reads a workflow."""
    end_when_terminated(workflow)
    guard_results()
    keep_records_of_what_failed()
    if workflow.is_main_process:
        stop_where_nothing_changes(workflow)
    else:
        leave_records_to_the_main_process()
        check_jobs_before_they_start()


def end_when_terminated(workflow):
    """SIGTERM ends a run in seconds, from whatever moment.

    Snakemake's handler (`JobScheduler.exit_gracefully`) runs in the main thread, between two instructions, and asks
    for the scheduler's lock. While a finished job is recorded the main thread holds that lock, which is not
    reentrant: the handler waits for ever. Upstream, setting the attribute without the lock would do. The semaphore
    that wakes the scheduler has such a lock inside, so that another thread wakes it here.

    Snakemake then waits for its running jobs, maybe for hours, while whoever sends SIGTERM (a batch system,
    `docker stop`, `systemctl stop`) sends SIGKILL after seconds. Here the run is declared ended: its jobs notice
    and end, submitted ones are cancelled. Trainings go on after their last epoch in the next run.
    """

    def exit_gracefully(scheduler, *_):
        scheduler._user_kill = "graceful"
        _thread.start_new_thread(stop, (scheduler,))

    def stop(scheduler):
        if workflow.is_main_process:
            runs.end()
            if not workflow.local_exec:
                scheduler._executor.cancel()
                with scheduler._lock:
                    scheduler.running.clear()
        scheduler._open_jobs.release()

    JobScheduler.exit_gracefully = exit_gracefully


def guard_results():
    """No job of an earlier run removes results, neither before it starts nor after it has failed.

    On a cluster a nested Snakemake removes the outputs of its job before it starts the script, and once more if that
    fails, whatever has happened since the job was submitted. Upstream a hook before the removal would do.
    """

    def guarded(remove, when_over):
        @functools.wraps(remove)
        async def remove_in_this_run(job, *arguments):
            try:
                with runs.writing():
                    return await remove(job, *arguments)
            except LabError as error:
                when_over(error)

        return remove_in_this_run

    def stop(error):
        raise WorkflowError(str(error)) from None

    Job.remove_existing_output = guarded(Job.remove_existing_output, stop)
    Job.cleanup = guarded(Job.cleanup, lambda error: None)


def keep_records_of_what_failed():
    """The record of a job that fails stays that of when it last succeeded.

    Snakemake records a job that fails as if it had succeeded, or deletes its record, and removes its outputs. Where
    what follows it is there from before, the next run has "Nothing to be done": an output that is missing is no reason
    as long as nobody needs it, and nothing else tells any more that it was to be made anew (snakemake#2966). With the
    record of before, the reason of before is found again.
    """
    postprocess, finished, failed = Job.postprocess, PersistenceBase.finished, set()

    @functools.wraps(postprocess)
    async def postprocess_and_tell(job, *arguments, error=False, **options):
        (failed.add if error else failed.discard)(job)
        await postprocess(job, *arguments, error=error, **options)

    def unmark(persistence, job):
        for file in job.output:
            persistence._unmark_incomplete(persistence._get_key(file))

    @functools.wraps(finished)
    async def record_what_succeeded(persistence, job):
        if job in failed:
            unmark(persistence, job)
        else:
            await finished(persistence, job)

    Job.postprocess = postprocess_and_tell
    PersistenceBase.finished = record_what_succeeded
    PersistenceBase.cleanup = unmark


def stop_where_nothing_changes(workflow):
    """A run leaves out each job for which everything that it reads has come out as it was: early cut-off.

    Snakemake plans before it runs: whatever lies downstream of a job that runs, runs, even if the new results have
    the same bytes. It compares inputs by content only when it plans the next run. Here each job is looked at once
    more at the moment when the last job before it has ended, as Snakemake would look at it if it planned then; if it
    would not run, it counts as done. A dry run shows the plan as it is. Upstream, `DAG.finish` would ask
    `update_needrun` for the jobs that become ready (snakemake#1964).
    """
    finish = DAG.finish
    checksums, remade = {}, set()

    @functools.wraps(finish)
    async def finish_and_leave_out(dag, job, update_checkpoint_dependencies=True):
        ready = await finish(dag, job, update_checkpoint_dependencies)
        if workflow.dryrun or workflow.touch or workflow.remote_execution_settings.immediate_submit:
            return ready
        remade.update(str(file) for file in job.output)
        left_out, queue = collections.Counter(), [job] if not job.is_group() else []
        while queue:
            for follower in list(dag.depending[queue.pop()]):
                if follower in dag.ready_jobs and await up_to_date(dag, follower, remade, checksums):
                    dag.register_running({follower})
                    ready = await finish(dag, follower, update_checkpoint_dependencies) or ready
                    workflow.scheduler.finished_jobs += 1
                    left_out[follower.rule.name] += 1
                    queue.append(follower)
        if left_out:
            jobs = ", ".join(f"{rule} ({number})" if number > 1 else rule for rule, number in left_out.items())
            logger.info(f"Not run, since what they read has come out as it was: {jobs}")
        return ready

    DAG.finish = finish_and_leave_out


async def up_to_date(dag, job, remade=frozenset(), checksums=None, to_come=frozenset()):
    """Whether a job that follows others would not run if Snakemake planned now: the rules of `DAG.update_needrun`.

    Parameters
    ----------
    dag : snakemake.dag.DAG
        The plan.
    job : snakemake.jobs.Job
        A job of the plan.
    remade : set of str
        The files that this run has made. They are compared by content whatever their times say: times may be those
        of before where a file system of several machines remembers them.
    checksums : dict of str to str, optional
        The checksums of inputs so far, to which those needed here are added.
    to_come : set of str
        Files that are taken to come out as they were.

    Returns
    -------
    bool
        Also False where Snakemake has no record to compare with.
    """
    if not job.output or job.is_norun or job.is_checkpoint or job.group is not None:
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


def leave_records_to_the_main_process():
    """A submitted job's results count as incomplete until the main process has recorded how they were made.

    A nested Snakemake takes the mark off as soon as its job is done. Were the main process killed before it notices
    (half a minute on a cluster), results would stay that no record tells of. It also overwrites the number that the
    cluster gave the job. Upstream `PersistenceBase.started` and `finished` would do so in the main process alone.
    """

    async def finished(persistence, job):
        pass

    PersistenceBase.started = lambda persistence, job, external_jobid=None: None
    PersistenceBase.finished = finished


def check_jobs_before_they_start():
    """A submitted job carries out what was planned, and only while its run waits for it.

    A nested Snakemake reads configuration and code anew, while the main process records the plan that it made
    before; and a queue may start a job again that its run has counted as failed. Upstream the main process would
    hand over what it has planned.
    """
    prepare = Job.prepare

    @functools.wraps(prepare)
    async def prepare_what_was_planned(job):
        try:
            runs.check_current()
            if job.output and not job.is_norun:
                runs.check_planned(str(job.output[0]), job.params.spec)
                runs.check_awaited([str(file) for file in job.output])
        except LabError as error:
            raise WorkflowError(str(error)) from None
        return await prepare(job)

    Job.prepare = prepare_what_was_planned

"""What Snakemake 9.27 lacks that this workflow needs: each gap with what closes it here and what would upstream.

Called once by `rules/start.smk`. Every function changes a class of Snakemake's for this process.
"""

import _thread
import functools

from snakemake.exceptions import WorkflowError
from snakemake.jobs import Job
from snakemake.persistence import PersistenceBase
from snakemake.scheduling.job_scheduler import JobScheduler

from aelab.errors import LabError
from aelab.jobs import runs


def close(workflow):
    """Close the gaps in the process that reads a workflow."""
    end_when_terminated(workflow)
    guard_results()
    if not workflow.is_main_process:
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

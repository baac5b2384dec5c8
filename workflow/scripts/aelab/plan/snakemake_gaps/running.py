"""Close the gaps in how Snakemake begins and ends a run and its jobs."""

import _thread
import functools
from collections.abc import Callable

from snakemake.exceptions import WorkflowError
from snakemake.jobs import Job
from snakemake.persistence import PersistenceBase
from snakemake.scheduling.job_scheduler import JobScheduler
from snakemake.workflow import Workflow

from aelab.errors import LabError
from aelab.jobs import guards, runs


def start_a_module(workflow: Workflow, begin: Callable[[], None]) -> None:
    """Call a function before the first job if another workflow imports this one as a module, as `onstart` does if not.

    Snakemake calls the hooks of the importing workflow alone (#3920). It could call those of its modules, too.

    Parameters
    ----------
    workflow : snakemake.workflow.Workflow
        The workflow that is being read.
    begin : callable
        What to call.
    """
    if workflow.modifier.is_main_snakefile():
        return
    schedule = JobScheduler.schedule

    @functools.wraps(schedule)
    def begin_and_schedule(scheduler: JobScheduler) -> bool:
        if not workflow.dryrun and not workflow.execution_settings.no_hooks:
            begin()
        return schedule(scheduler)

    JobScheduler.schedule = begin_and_schedule


def end_when_terminated(workflow: Workflow) -> None:
    """End a run within seconds of SIGTERM, whatever it is doing.

    Snakemake's handler (`JobScheduler.exit_gracefully`) runs in the main thread, between two instructions, and asks for
    the scheduler's lock. While the main thread records a finished job it holds this lock, which is not reentrant, so
    that the handler waits for ever. Setting the attribute without the lock would do in Snakemake. The semaphore that
    wakes the scheduler contains such a lock as well, so that another thread wakes it here.

    Snakemake then waits for its running jobs, possibly for hours, whereas what sends SIGTERM (a batch system,
    `docker stop`, `systemctl stop`) sends SIGKILL after seconds. Here the run is declared to have ended. Its jobs
    notice this and end, and submitted ones are cancelled. The next run continues trainings after their last epoch.

    Parameters
    ----------
    workflow : snakemake.workflow.Workflow
        The workflow that is being read.
    """

    def exit_gracefully(scheduler: JobScheduler, *_: object) -> None:
        scheduler._user_kill = "graceful"
        _thread.start_new_thread(stop, (scheduler,))

    def stop(scheduler: JobScheduler) -> None:
        if workflow.is_main_process:
            runs.end()
            if not workflow.local_exec:
                scheduler._executor.cancel()
                with scheduler._lock:
                    scheduler.running.clear()
        scheduler._open_jobs.release()

    JobScheduler.exit_gracefully = exit_gracefully


def guard_results() -> None:
    """Keep jobs of an earlier run from removing results, both before they start and after they have failed.

    On a cluster, a nested Snakemake removes the outputs of its job before it starts the script, and again if the script
    fails, whatever has happened since the job was submitted. Snakemake could offer a hook before it removes them.
    """

    def guarded(remove: Callable, when_over: Callable[[LabError], None]) -> Callable:
        @functools.wraps(remove)
        async def remove_in_this_run(job: Job, *arguments: object) -> None:
            try:
                with guards.writing():
                    await remove(job, *arguments)
            except LabError as error:
                when_over(error)

        return remove_in_this_run

    def stop(error: LabError) -> None:
        raise WorkflowError(str(error)) from None

    Job.remove_existing_output = guarded(Job.remove_existing_output, stop)
    Job.cleanup = guarded(Job.cleanup, lambda error: None)


def keep_records_of_what_failed() -> None:
    """Keep the record that a job left when it last succeeded if it fails.

    Snakemake records a job that fails as if it had succeeded, or deletes its record, and removes its outputs. If the
    results of the jobs after it are still there, the next run then has "Nothing to be done": a missing output is no
    reason to run a job as long as nobody needs it, and nothing else shows any more that it was to be made again
    (#2966). With the earlier record, Snakemake finds the earlier reason again.
    """
    postprocess, finished, failed = Job.postprocess, PersistenceBase.finished, set()

    @functools.wraps(postprocess)
    async def postprocess_and_tell(job: Job, *arguments: object, error: bool = False, **options: object) -> None:
        (failed.add if error else failed.discard)(job)
        await postprocess(job, *arguments, error=error, **options)

    def unmark(persistence: PersistenceBase, job: Job) -> None:
        for file in job.output:
            persistence._unmark_incomplete(persistence._get_key(file))

    @functools.wraps(finished)
    async def record_what_succeeded(persistence: PersistenceBase, job: Job) -> None:
        if job in failed:
            unmark(persistence, job)
        else:
            await finished(persistence, job)

    Job.postprocess = postprocess_and_tell
    PersistenceBase.finished = record_what_succeeded
    PersistenceBase.cleanup = unmark


def look_again_only_when_held_back() -> None:
    """Choose jobs again when one has ended, and by the clock only if the limit of jobs per second holds some back.

    Each time Snakemake chooses while jobs are ready, it starts a timer of a second, after which it chooses again and
    starts the next one. Each job that ends begins another such chain, so that a run of some hundred jobs chooses many
    times a second and takes a tenth of a core for it. Snakemake could start a timer only where the limit is reached.
    """
    schedule = JobScheduler._schedule_reevalutation

    @functools.wraps(schedule)
    def schedule_if_held_back(scheduler: JobScheduler, delay: float) -> None:
        limiter = scheduler.job_rate_limiter
        if limiter is None or delay != limiter.timespan or limiter.get_free_jobs() <= 0:
            schedule(scheduler, delay)

    JobScheduler._schedule_reevalutation = schedule_if_held_back

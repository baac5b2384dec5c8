"""Close the gaps in how Snakemake begins and ends a run and its jobs."""

import _thread
import contextlib
import functools
import os
from collections.abc import Callable, Iterator

from snakemake.exceptions import WorkflowError
from snakemake.io import _IOFile
from snakemake.jobs import Job
from snakemake.persistence import PersistenceBase
from snakemake.persistence.file import FilePersistence
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


def hold_the_folder_until_the_run_begins() -> None:
    """Keep other processes from taking Snakemake's lock for that of a killed run before the run has begun.

    Snakemake locks the folder, then makes environments, which takes minutes the first time, and only then calls
    `onstart`, where this workflow's own lock is taken (`aelab.jobs.runs`). Snakemake's lock could be one that the
    kernel releases; then nobody would have to guess.
    """
    lock = PersistenceBase.lock

    @functools.wraps(lock)
    @contextlib.contextmanager
    def hold_and_lock(persistence: PersistenceBase) -> Iterator[None]:
        runs.hold()
        try:
            with lock(persistence):
                yield
        finally:
            runs.release()

    PersistenceBase.lock = hold_and_lock


def count_empty_records_as_incomplete() -> None:
    """Make results again whose record is empty, as a power cut may leave it.

    Snakemake writes a record without `fsync`. It takes an empty one for none, and without a record it sees no edit of
    code or params: the results would stay what they are for ever. It could write records as it should, or treat one
    that it cannot read as that of a job that was interrupted.
    """
    incomplete = FilePersistence.incomplete

    @functools.wraps(incomplete)
    async def incomplete_or_empty(persistence: FilePersistence, job: Job) -> list:
        found = list(await incomplete(persistence, job))
        for file in job.output:
            record = persistence._record_path(persistence._metadata_path, persistence._get_key(file))
            with contextlib.suppress(OSError):
                if not os.stat(record).st_size and file not in found and await file.exists():
                    found.append(file)
        return found

    FilePersistence.incomplete = incomplete_or_empty


def read_each_file_once() -> None:
    """Compute the checksum of a file once as long as it stays as it is.

    Snakemake records the checksums of all inputs of a job for each of its outputs, and reads the inputs anew for each:
    the images of a data set three times for every training. It could compute them before the loop over outputs.
    """
    checksum, known = _IOFile.checksum, {}

    @functools.wraps(checksum)
    async def checksum_once(
        file: _IOFile, threshold: int | None = None, force: bool = False, algorithm: object = None
    ) -> str | None:
        try:
            found = os.stat(file)
        except OSError:
            return await checksum(file, threshold, force, algorithm)
        # Results are replaced as a whole, and an edit that keeps size and time of change still moves the other time.
        state = (found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
        key = (str(file), threshold, force, algorithm)
        if known.get(key, (None,))[0] != state:
            known[key] = (state, await checksum(file, threshold, force, algorithm))
        return known[key][1]

    _IOFile.checksum = checksum_once

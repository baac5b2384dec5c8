"""What Snakemake 9.27 lacks that this workflow needs: each gap with what closes it here and what would upstream.

The workflow has its other oddities for the sake of readers; all that it has for Snakemake's sake is here. `close` is
called by `rules/start.smk` before anything else of ours is imported, `complete` by `rules/specs.smk` when all rules
are read. Numbers are issues of github.com/snakemake/snakemake.
"""

import _thread
import collections
import contextlib
import functools
import gc
import inspect
import logging
import os
import shlex
import shutil
import sys
from pathlib import Path

import snakemake.api  # noqa: F401 - before snakemake.dag, which imports it in a circle
from snakemake.dag import DAG
from snakemake.exceptions import WorkflowError
from snakemake.io import apply_wildcards, is_callable, is_flagged
from snakemake.jobs import Job
from snakemake.logging import logger
from snakemake.persistence import PersistenceBase
from snakemake.scheduling.job_scheduler import JobScheduler
from snakemake.settings.types import RerunTrigger

# What is imported before `forget_compiled_files` has run is in no job's digest: see `aelab.plan.provenance`.
from aelab.errors import LabError
from aelab.jobs import guards, runs

LARGE = 1_000_000  # bytes of a file that takes time to compare, as Snakemake's default for `--max-checksum-file-size`


def close(workflow, code):
    """Close the gaps in the process that reads a workflow, whose files of code are below the folder `code`."""
    plan_without_garbage_collection()
    quote_the_interpreter()
    logging.raiseExceptions = False  # where a disk is full, a line that a log cannot take must not hide the reason
    if workflow.is_main_process:
        forget_compiled_files(code)
    if getattr(JobScheduler, "gaps_are_closed", False):
        return  # by the workflow's first import: another workflow may import it several times
    JobScheduler.gaps_are_closed = True
    from aelab.plan import isolation  # the gap with a module of its own: a user's packages in environments of ours

    isolation.isolate(workflow)
    end_when_terminated(workflow)
    guard_results()
    keep_records_of_what_failed()
    if workflow.is_main_process:
        stop_where_nothing_changes(workflow)
    else:
        leave_records_to_the_main_process()
        check_jobs_before_they_start()


# -- before the rules are read ---------------------------------------------------------------------


def plan_without_garbage_collection():
    """Planning makes many objects and discards few: without collecting garbage all the time it is 20 % faster.

    Upstream Snakemake could freeze what it has loaded before it builds its graph (#1575 asks for faster planning).
    """
    gc.freeze()
    gc.set_threshold(200_000, 20, 100)


def quote_the_interpreter():
    """Scripts run where the interpreter's path holds a space, as in a folder called "my projects".

    Snakemake starts `{sys.executable} script` in a shell without quotes (#2645, open since 2024). Upstream
    `{py_exec:q}` would do.
    """
    if " " in sys.executable and not sys.executable.startswith("'"):
        sys.executable = shlex.quote(sys.executable)


def forget_compiled_files(code):
    """Jobs run the code that their spec has the digest of.

    Python takes a compiled file for its source's by time and size alone, so that an edit that keeps both would run
    the old code under the new digest. Upstream Snakemake could start scripts with a `PYTHONPYCACHEPREFIX` of each run.
    """
    for folder, _, _ in os.walk(code):  # which bears that another process does the same
        shutil.rmtree(Path(folder) / "__pycache__", ignore_errors=True)


# -- specs -----------------------------------------------------------------------------------------


def known(function):
    """The same function with its signature written on it, for the rules of which a sweep makes thousands of jobs.

    Snakemake asks `inspect.signature` for the parameters of a function whenever it calls it. Upstream a cache would do.
    """
    function.__signature__ = inspect.signature(function)
    return function


def complete(workflow, code, spec):
    """Make of every rule's parameter `spec`, its script's settings, the text of all that its results depend on.

    What Snakemake 9.27 does not see, measured and confirmed in its issues:

    - an edited module that a script imports; a script itself it knows by its time of modification alone (#2212);
    - two inputs, or two outputs, that change places: inputs are stored sorted and without names, outputs not at all;
    - the result of a parameter's function that asks for `input` (#3895), and two parameters that swap values.

    So each rule has one parameter, a text, given by a function of the wildcards alone, that holds it all. The script
    and the environment are the rule's own, so that no rule can name others in its spec. Upstream, parameters compared
    by name and digests of what scripts import would do.

    Parameters
    ----------
    workflow : snakemake.workflow.Workflow
        The workflow whose rules are read.
    code : Path
        The folder that scripts are named relative to.
    spec : callable
        `aelab.plan.plan.Plan.spec`.
    """
    code = Path(code).resolve()
    for rule in workflow.modifier.rules:  # not those of a workflow that imports this one
        if rule.script:
            script = Path(rule.basedir.join(rule.script).get_path_or_uri(secret_free=True)).resolve()
            settings = rule.params.get("spec", {})
            whole = completed(workflow, rule, script.relative_to(code).as_posix(), settings, spec)
            if rule.params:
                rule.params[0] = rule.params.spec = whole
            else:
                rule.set_params(spec=whole)


def completed(workflow, rule, script, settings, spec):
    """The spec of a rule's jobs as a function of their wildcards."""
    environment = Path(str(rule.conda_env)).stem

    def whole(wildcards):
        if workflow.touch:
            raise WorkflowError(
                "--touch would record the results as made by the present code and settings, which they may not be."
            )
        chosen = settings(wildcards) if callable(settings) else settings
        inputs, outputs = named(rule.input, rule, wildcards), named(rule.output, rule, wildcards)
        return spec(script, environment, chosen, inputs, outputs)

    return known(whole)


# -- files -----------------------------------------------------------------------------------------


def produced(targets, rules):
    """Every file that rules make on the way to targets, without timings, in order.

    Snakemake says so too (`expand_input`, `expand_output`), checks each file on the way and takes ten times as long.

    `rules` are Snakemake's, each file made by one of them. Timings differ from run to run and lie in
    files and folders of that name.
    """
    made, queue, asked = set(), [str(target) for target in targets], set()
    rules = list(rules)
    while queue:
        file = queue.pop()
        if file in asked:
            continue
        asked.add(file)
        rule = next((rule for rule in rules if rule.is_producer(file)), None)
        if rule:
            rules.remove(rule)
            rules.insert(0, rule)  # the next file is likely to be one of its own
            wildcards = rule.get_wildcards(file)
            outputs = paths(rule.output, rule, wildcards)
            made.update(outputs)
            asked.update(outputs)
            queue += paths(rule.input, rule, wildcards)
    return sorted(file for file in made if not is_timing(file))


def paths(files, rule, wildcards):
    """The paths of a job's inputs or outputs."""
    found = named(files, rule, wildcards).values()
    return [path for each in found for path in ([each] if isinstance(each, str) else each)]


def named(files, rule, wildcards):
    """A job's inputs or outputs as a dict from name ("" where they have none) to path or list of paths.

    `files` is `rule.input` or `rule.output`.
    """
    names = dict(files.items())
    unnamed = list(files)[: len(files) - sum(len(file) if isinstance(file, list) else 1 for file in names.values())]
    found, rest = {name: filled(file, rule, wildcards) for name, file in names.items()}, []
    for file in unnamed:
        path = filled(file, rule, wildcards)
        if isinstance(path, dict):
            found.update(path)
        else:
            rest += path if isinstance(path, list) else [path]
    return {**found, "": rest} if rest else found


def filled(file, rule, wildcards):
    """The path that a pattern or a function of a rule gives for a job's wildcards; of a list, a list."""
    if is_callable(file):
        found = rule.apply_input_function(file, wildcards, is_unpack=is_flagged(file, "unpack"))[0]
        return placed(found, rule)
    if isinstance(file, list):
        return [filled(each, rule, wildcards) for each in file]
    return apply_wildcards(file, wildcards)


def placed(found, rule):
    """The paths that a function gave, with the prefix that a module's rules have."""
    if isinstance(found, dict):
        return {name: placed(path, rule) for name, path in found.items()}
    if isinstance(found, list):
        return [placed(path, rule) for path in found]
    return str(rule.input_modifier.modify(found, "input"))


def is_timing(file):
    """Whether a file holds timings, by its name or by a folder's."""
    *folders, name = file.split("/")
    return "timings" in (*folders, name, name.rpartition(".")[0])


# -- while jobs run --------------------------------------------------------------------------------


def start_a_module(workflow, begin):
    """Where this workflow is imported as a module, `begin` is called before the first job, like `onstart` elsewhere.

    Snakemake calls the hooks of the importing workflow alone (#3920). Upstream it could call those of its modules too.
    """
    if workflow.modifier.is_main_snakefile():
        return
    schedule = JobScheduler.schedule

    @functools.wraps(schedule)
    def begin_and_schedule(scheduler):
        if not workflow.dryrun and not workflow.execution_settings.no_hooks:
            begin()
        return schedule(scheduler)

    JobScheduler.schedule = begin_and_schedule


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
                with guards.writing():
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
                    await spare_checksums(follower)
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


async def spare_checksums(job):
    """Give the results of a job that is left out the present time where they are older than a large input.

    Otherwise every later plan would compare that input by content, which takes seconds for codes and corrupted images.
    """
    oldest = await job.output_mintime
    if any([await file.is_newer(oldest) and await file.size() > LARGE for file in job.input]):
        for file in [*job.output, *([job.benchmark] if job.benchmark else [])]:
            with contextlib.suppress(OSError):
                os.utime(file)


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
    PersistenceBase.cleanup = lambda persistence, job: None


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
            guards.check_current()
            if job.output and not job.is_norun:
                if job.params.get("spec"):  # a rule of another workflow, which imports this one, may have none
                    guards.check_planned(str(job.output[0]), job.params.spec)
                guards.check_awaited([str(file) for file in job.output])
        except LabError as error:
            raise WorkflowError(str(error)) from None
        return await prepare(job)

    Job.prepare = prepare_what_was_planned

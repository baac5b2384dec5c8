"""Close the gaps in Snakemake 9.27 that this workflow has run into.

What this workflow does for no other reason than Snakemake stands in this package, one module per moment of a run:

- `reading`: before the rules are read; garbage collection (#1575), a space in the interpreter's path (#2645), compiled
  files, profiles that do not exist
- `isolation`: when environments are made and scripts started; packages of the user's own (#840, conda#7173)
- `specs`: when all rules are read; what Snakemake does not see of what a result depends on (#2212, #3895)
- `files`: while the rules are read; the files that they make
- `planning`: while the graph of jobs is built; what is kept for each of them
- `running`: while jobs run; hooks of modules (#3920), SIGTERM, results and records of jobs that fail (#2966), timers,
  the lock of a run that has not begun, empty records, checksums
- `shared_starts`: when a job starts; the time that loading libraries takes
- `cut_off`: when a job has ended; the jobs after it that would give the same results (#1964)
- `submitted`: in the processes that a cluster starts; records and plans of the main process

Each docstring says what is missing, what closes the gap here and what would close it in Snakemake. Numbers are issues
of github.com/snakemake/snakemake. Where no number stands, we know of no issue.

`rules/start.smk` calls `close` before it imports anything else of the library, `rules/specs.smk` calls `complete`.
"""

import logging
from pathlib import Path

import snakemake.api  # noqa: F401 - before snakemake.dag, which imports it in a circle
from snakemake.scheduling.job_scheduler import JobScheduler
from snakemake.workflow import Workflow

# What is imported before `forget_compiled_files` has run must be in no job's digest (`aelab.plan.provenance`): this
# package, `aelab.jobs` and `aelab.errors`.
from aelab.plan.snakemake_gaps.cut_off import stop_where_nothing_changes, up_to_date
from aelab.plan.snakemake_gaps.files import is_timing, produced
from aelab.plan.snakemake_gaps.isolation import isolate
from aelab.plan.snakemake_gaps.planning import plan_without_params, share_empty_sets
from aelab.plan.snakemake_gaps.reading import (
    check_accelerator,
    forget_compiled_files,
    plan_without_garbage_collection,
    quote_the_interpreter,
    refuse_unknown_profile,
)
from aelab.plan.snakemake_gaps.running import (
    count_empty_records_as_incomplete,
    end_when_terminated,
    guard_results,
    hold_the_folder_until_the_run_begins,
    keep_records_of_what_failed,
    look_again_only_when_held_back,
    read_each_file_once,
    start_a_module,
)
from aelab.plan.snakemake_gaps.shared_starts import run_groups_in_one_process, share_starts
from aelab.plan.snakemake_gaps.specs import complete, known
from aelab.plan.snakemake_gaps.submitted import check_jobs_before_they_start, leave_records_to_the_main_process

__all__ = [
    "check_accelerator",
    "close",
    "complete",
    "is_timing",
    "known",
    "produced",
    "refuse_unknown_profile",
    "start_a_module",
    "up_to_date",
]


def close(workflow: Workflow, code: str | Path) -> None:
    """Close the gaps in this process, which is reading a workflow.

    Parameters
    ----------
    workflow : snakemake.workflow.Workflow
        The workflow that is being read.
    code : str or Path
        The folder that holds the workflow's code.
    """
    plan_without_garbage_collection()
    quote_the_interpreter()
    logging.raiseExceptions = False  # if the disk is full, a line that a log cannot take must not hide the reason
    if workflow.is_main_process:
        forget_compiled_files(code)
    if getattr(JobScheduler, "gaps_are_closed", False):
        return  # another workflow may import this one several times
    JobScheduler.gaps_are_closed = True
    isolate(workflow)
    plan_without_params(workflow)
    share_empty_sets()
    share_starts(workflow)
    end_when_terminated(workflow)
    guard_results()
    keep_records_of_what_failed()
    look_again_only_when_held_back()
    if workflow.is_main_process:
        hold_the_folder_until_the_run_begins()
        count_empty_records_as_incomplete()
        read_each_file_once()
        stop_where_nothing_changes(workflow)
        run_groups_in_one_process()
    else:
        leave_records_to_the_main_process()
        check_jobs_before_they_start()

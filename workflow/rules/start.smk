"""Preparations before anything else: a readable configuration, and only one run at a time in a folder."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from snakemake.logging import logger

if not Path(str(workflow.current_basedir)).is_dir():
    raise WorkflowError(
        "This workflow has to lie on the disk: of a module at a tag of a repository Snakemake fetches the rules and "
        "scripts alone, and not what they import (snakemake#1632). Clone the tag, and name the Snakefile of the clone."
    )

WORKFLOW = Path(str(workflow.current_basedir)).parent
sys.path.append(str(WORKFLOW / "scripts"))

# When the code was read: jobs check the files that have changed since.
READ_AT = time.time()

import aelab

if Path(aelab.__file__).resolve().parents[1] != (WORKFLOW / "scripts").resolve():
    raise WorkflowError(
        f"{WORKFLOW} and {Path(aelab.__file__).parents[2]} are two copies of this workflow, and one process has one "
        "library of a name (snakemake#3951). Import one copy as often as you like, or run two workflows."
    )

from aelab.plan import snakemake_gaps

snakemake_gaps.close(workflow, WORKFLOW)

from aelab.jobs import gpus, guards, leftovers, processors, record, runs
from aelab.plan import strict_yaml, watching
from aelab.files.atomic import check_room, check_writable
from aelab.errors import LabError

# If another workflow imports this one as a module, Snakemake puts the module's prefix before every path in a rule. For
# all other paths, it is added here. Each import has its own folder of results, but they share one run.
RESULTS_FOLDER = str(workflow.modifier.modify_path("results"))
OWN_RULES = workflow.modifier.rules
leftovers.look_after(RESULTS_FOLDER)

# The name of the run, which is passed to every job, whatever executes it. It is set when the run begins.
if workflow.is_main_process:
    os.environ[record.VARIABLE] = ""


envvars:
    record.VARIABLE,


@contextmanager
def plain_refusals() -> Iterator[None]:
    """Turn a `LabError` in the block into the end of Snakemake with status 1 and the error's message alone.

    For an exception, Snakemake would also print its class and the file and line of this workflow where it was raised,
    which do not help the user.
    """
    try:
        yield
    except LabError as error:
        logger.error(str(error))
        raise SystemExit(1) from None


# Submitted jobs read the workflow too. The first branch is for the process that the user has started.
if workflow.is_main_process:
    with plain_refusals():
        snakemake_gaps.refuse_unknown_profile(sys.argv[1:], Path(workflow.main_snakefile).parent)
        check_writable(".snakemake")
        check_room(".snakemake", 0, "Snakemake")
        if not workflow.modifier.skip_configfile:
            strict_yaml.check_readable("config/config.yaml")
    notice = runs.tidy()
    if notice:
        logger.warning(notice)
else:
    with plain_refusals():
        guards.check_current()


def begin() -> None:
    """Become the run of this folder, and check that it has what is planned for: a GPU, room on the disk."""
    jobs = [job for job in workflow.dag.needrun_jobs() if not job.is_norun]
    files = [file for job in jobs if job.rule in OWN_RULES for file in job.output]
    prefix = RESULTS_FOLDER.removesuffix("results")
    with plain_refusals():
        if workflow.local_exec and any(job.resources.get("gpu") for job in jobs):
            gpus.check_present()
        elif workflow.local_exec:
            trained = filter(None, (watching.trained(job, plan.config) for job in jobs))
            notice = processors.slow_precisions(
                {name: plan.models[name].get("precision", "float32") for name in trained}
            )
            if notice:
                logger.warning(notice)
        if not runs.begun():  # unless another import of this workflow has begun it
            notice = runs.begin(
                planned=READ_AT,
                specs={job.output[0]: job.params.spec for job in jobs if job.params.get("spec")},
                submissions=getattr(workflow.scheduler._executor, "run_uuid", None),
            )
            if notice:
                logger.warning(notice)
            watching.tell_of(workflow, plan.config)
        check_writable(RESULTS_FOLDER)
        check_room(RESULTS_FOLDER, sum(plan.size(file.removeprefix(prefix)) for file in files), "the run")


onstart:
    begin()


snakemake_gaps.start_a_module(workflow, begin)

"""What comes before all else: a configuration that can be read, and one run at a time in a folder."""

import os
import sys
import time
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

# When the code was read: jobs look at what was touched since.
READ_AT = time.time()

import aelab

if Path(aelab.__file__).resolve().parents[1] != (WORKFLOW / "scripts").resolve():
    raise WorkflowError(
        f"{WORKFLOW} and {Path(aelab.__file__).parents[2]} are two copies of this workflow, and one process has one "
        "library of a name (snakemake#3951). Import one copy as often as you like, or run two workflows."
    )

from aelab.plan import snakemake_gaps

snakemake_gaps.close(workflow, WORKFLOW)

from aelab.jobs import guards, leftovers, record, runs
from aelab.plan import strict_yaml
from aelab.files.atomic import check_room, check_writable
from aelab.errors import LabError

# Where another workflow imports this one as a module, Snakemake puts the module's prefix before every path in a rule;
# elsewhere it is put here. Each import has its own folder of results, all have one run.
RESULTS_FOLDER = str(workflow.modifier.modify_path("results"))
OWN_RULES = workflow.modifier.rules
leftovers.look_after(RESULTS_FOLDER)

# The name of the run, which every job is given, whatever executes it; known when the run begins.
if workflow.is_main_process:
    os.environ[record.VARIABLE] = ""


envvars:
    record.VARIABLE,


@contextmanager
def plain_refusals():
    """A `LabError` in the block ends Snakemake with status 1 and the error's words alone.

    An exception would be framed by its class, the file and the line where it was raised, which are ours, not the user's.
    """
    try:
        yield
    except LabError as error:
        logger.error(str(error))
        raise SystemExit(1) from None


# Jobs that an executor submits read the workflow too; what follows is for the process that was started by hand.
if workflow.is_main_process:
    with plain_refusals():
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


def begin():
    """Become the run of this folder, if there is room for what is planned."""
    jobs = [job for job in workflow.dag.needrun_jobs() if not job.is_norun]
    files = [file for job in jobs if job.rule in OWN_RULES for file in job.output]
    prefix = RESULTS_FOLDER.removesuffix("results")
    with plain_refusals():
        if not runs.begun():  # by another import of this workflow
            notice = runs.begin(
                planned=READ_AT,
                specs={job.output[0]: job.params.spec for job in jobs if job.params.get("spec")},
                submissions=getattr(workflow.scheduler._executor, "run_uuid", None),
            )
            if notice:
                logger.warning(notice)
        check_writable(RESULTS_FOLDER)
        check_room(RESULTS_FOLDER, sum(plan.size(file.removeprefix(prefix)) for file in files), "the run")


onstart:
    begin()


snakemake_gaps.start_a_module(workflow, begin)

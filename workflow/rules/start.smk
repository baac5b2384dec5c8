"""What comes before all else: a configuration that can be read, and one run at a time in a folder."""

import gc
import logging
import os
import shutil
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from snakemake.logging import logger

# A plan is a great many objects that are all there to stay: looking through them for rubbish again and again takes
# about a fifth of the time.
gc.freeze()
gc.set_threshold(200_000, 20, 100)

WORKFLOW = Path(str(workflow.current_basedir)).parent
sys.path.append(str(WORKFLOW / "scripts"))

# When the code was read: jobs look at what was touched since.
READ_AT = time.time()

# Python takes a compiled file for its source's by time and size alone: an edit that keeps both would
# run the old code under the new digest.
if workflow.is_main_process:
    for folder, _, _ in os.walk(WORKFLOW):  # which bears that another process does the same
        shutil.rmtree(Path(folder) / "__pycache__", ignore_errors=True)

from aelab.jobs import runs
from aelab.plan import isolation, snakemake_gaps, strict_yaml
from aelab.files.atomic import check_room, check_writable
from aelab.errors import LabError

# On a full disk the message counts, not that it could not be copied into a log file as well.
logging.raiseExceptions = False

snakemake_gaps.close(workflow)

# Whoever makes an environment or runs a script, submitted jobs included.
isolation.isolate(workflow)


# The name of the run, which every job is given, whatever executes it; known when the run begins.
if workflow.is_main_process:
    os.environ[runs.VARIABLE] = ""


envvars:
    runs.VARIABLE,


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
        strict_yaml.check_readable("config/config.yaml")
    notice = runs.tidy()
    if notice:
        logger.warning(notice)
else:
    with plain_refusals():
        runs.check_current()


onstart:
    with plain_refusals():
        notice = runs.begin(
            planned=READ_AT,
            specs={job.output[0]: job.params.spec for job in workflow.dag.needrun_jobs() if not job.is_norun},
            submissions=getattr(workflow.scheduler._executor, "run_uuid", None),
        )
        if notice:
            logger.warning(notice)
        check_writable("results")
        check_room(
            "results", sum(plan.size(path) for job in workflow.dag.needrun_jobs() for path in job.output), "the run"
        )

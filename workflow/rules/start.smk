"""What comes before all else: a configuration that can be read, and one run at a time in a folder."""

import os
import sys
import time
from pathlib import Path

from snakemake.logging import logger

WORKFLOW = Path(str(workflow.current_basedir)).parent
sys.path.append(str(WORKFLOW / "scripts"))

# When the code was read: jobs look at what was touched since.
READ_AT = time.time()

from aelab.plan import snakemake_gaps

snakemake_gaps.close(workflow, WORKFLOW)

from aelab.jobs import runs
from aelab.plan import strict_yaml
from aelab.files.atomic import check_room, check_writable
from aelab.errors import LabError

# The name of the run, which every job is given, whatever executes it; known when the run begins.
if workflow.is_main_process:
    os.environ[runs.VARIABLE] = ""


envvars:
    runs.VARIABLE,


# Jobs that an executor submits read the workflow too; what follows is for the process that was started by hand.
if workflow.is_main_process:
    try:
        check_writable(".snakemake")
        check_room(".snakemake", 0, "Snakemake")
        strict_yaml.check_readable("config/config.yaml")
    except LabError as error:
        raise WorkflowError(str(error))
    notice = runs.tidy()
    if notice:
        logger.warning(notice)
else:
    try:
        runs.check_current()
    except LabError as error:
        raise WorkflowError(str(error))


onstart:
    try:
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
    except LabError as error:
        raise WorkflowError(str(error))

"""Close the gaps in what Snakemake keeps and computes for each job while it plans."""

import functools

from snakemake.dag import ScriptProcessor
from snakemake.jobs import Job
from snakemake.workflow import Workflow

NOTHING: frozenset[object] = frozenset()
SELDOM_FILLED = ("temp_output", "protected_output", "touch_output", "pipe_or_service_output", "_queue_input")


def plan_without_params(workflow: Workflow) -> None:
    """Plan without evaluating the params of every job: specs of ten thousand jobs take 40 MB, and seconds.

    Snakemake evaluates them to find the environment of a job and the source of its script, although most rules name
    both without them. It could do so only where an environment is a function, or the name of a script has a wildcard.

    Parameters
    ----------
    workflow : snakemake.workflow.Workflow
        The workflow that is being read.
    """
    environment, process, seen = Job.conda_env_spec.fget, ScriptProcessor.process_job, set()

    @functools.wraps(environment)
    def conda_env_spec(job: Job) -> object:
        if job._conda_env_spec is None and not workflow.touch and not callable(job.rule._conda_env):
            job._conda_env_spec = job.rule.expand_conda_env(job.wildcards_dict)
        return environment(job)

    @functools.wraps(process)
    def process_one_job_of_a_rule(processor: ScriptProcessor, job: Job) -> None:
        source = str(getattr(job.rule, processor.script_type))
        if (processor.script_type, job.rule) not in seen or "{" in source:
            seen.add((processor.script_type, job.rule))
            process(processor, job)

    Job.conda_env_spec = property(conda_env_spec)
    ScriptProcessor.process_job = process_one_job_of_a_rule


def share_empty_sets() -> None:
    """Let all jobs share one empty set instead of five each, which are a kilobyte.

    Only `Job.__init__` adds to them. In Snakemake, they could be made when there is something to add.
    """
    initialise = Job.__init__

    @functools.wraps(initialise)
    def initialise_and_share(job: Job, *arguments: object, **options: object) -> None:
        initialise(job, *arguments, **options)
        for name in SELDOM_FILLED:
            if not getattr(job, name):
                setattr(job, name, NOTHING)

    Job.__init__ = initialise_and_share

"""Close the gaps in what Snakemake sees of all that a result depends on."""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

from snakemake.exceptions import WorkflowError
from snakemake.iocontainers import Wildcards
from snakemake.rules import Rule
from snakemake.workflow import Workflow

from aelab.plan.snakemake_gaps.files import named


def known(function: Callable) -> Callable:
    """Write a function's signature on it, which saves time in rules that a sweep makes thousands of jobs of.

    Snakemake asks `inspect.signature` for the parameters of a function whenever it calls it. A cache in Snakemake would
    do.

    Parameters
    ----------
    function : callable
        A function of a rule, of the wildcards for example.

    Returns
    -------
    callable
        The same function.
    """
    function.__signature__ = inspect.signature(function)
    return function


def complete(workflow: Workflow, code: str | Path, spec: Callable[..., str]) -> None:
    """Turn every rule's parameter `spec`, its script's settings, into a text of all that its results depend on.

    Snakemake 9.27 does not notice the following changes, as we have measured and its issues confirm:

    - An edited module that a script imports. It notices an edited script itself only by its modification time (#2212).
    - Two inputs or two outputs that are exchanged: it stores inputs sorted and without names, and outputs not at all.
    - The result of a parameter's function that asks for `input` (#3895), and two parameters that exchange their values.

    So each rule has one parameter, a text that contains all of this. It is given by a function of the wildcards alone.
    The script and the environment in it are the rule's own, so that no rule can name others in its spec. Snakemake
    could compare parameters by name, and digests of the modules that scripts import.

    Parameters
    ----------
    workflow : snakemake.workflow.Workflow
        The workflow, all of whose rules have been read.
    code : str or Path
        The folder that scripts are named relative to.
    spec : callable
        `aelab.plan.dependencies.spec`, but for its first parameter.
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


def completed(
    workflow: Workflow,
    rule: Rule,
    script: str,
    settings: dict[str, Any] | Callable[[Wildcards], dict[str, Any]],
    spec: Callable[..., str],
) -> Callable[[Wildcards], str]:
    """Make the function that gives the spec of a rule's jobs.

    Parameters
    ----------
    workflow : snakemake.workflow.Workflow
        The workflow.
    rule : snakemake.rules.Rule
        The rule.
    script : str
        Its script, relative to the folder of the code.
    settings : dict or callable
        The settings that the script reads, or a function of the wildcards that returns them.
    spec : callable
        `aelab.plan.dependencies.spec`, but for its first parameter.

    Returns
    -------
    callable
        A function of the wildcards. It raises `WorkflowError` if `snakemake --touch` asks for the spec.
    """
    environment = Path(str(rule.conda_env)).stem

    def whole(wildcards: Wildcards) -> str:
        if workflow.touch:
            raise WorkflowError(
                "--touch would record the results as made by the present code and settings, which they may not be."
            )
        chosen = settings(wildcards) if callable(settings) else settings
        inputs, outputs = named(rule.input, rule, wildcards), named(rule.output, rule, wildcards)
        return spec(script, environment, chosen, inputs, outputs)

    return known(whole)

"""The configuration, checked, and the plan that every rule asks for its inputs and its spec."""

import inspect
import os
import shlex
import sys

from aelab.plan.configuration import load
from aelab.plan.plan import Plan
from aelab.plan.targets import named, produced

# Snakemake starts scripts with `{sys.executable} script` unquoted; a folder may have a space in its name.
if " " in sys.executable and not sys.executable.startswith("'"):
    sys.executable = shlex.quote(sys.executable)

plan = Plan(load(config, workflow.configfiles))

# Each study's rules add the figures and tables that it must produce.
STUDY_RESULTS = []

CAPTIONED = ["all_studies", *plan.studies]

# From the workflow's folder on, since rules lie in folders of several depths.
ENVIRONMENTS = {
    name: workflow.current_basedir.join(f"../../envs/{plan.environment(name)}.yaml").get_path_or_uri(secret_free=True)
    for name in ("fetch", "analysis", "tensorflow")
}


def known(function):
    """The same function with its arguments written on it: Snakemake asks for them whenever it calls one.

    For the rules of which a sweep makes thousands of jobs.
    """
    function.__signature__ = inspect.signature(function)
    return function


def caption(study, figure):
    """A caption that `write_captions` writes; reports read it, jobs do not.

    Where the study or the figure is a wildcard, which Snakemake does not fill in here, a file of reStructuredText
    includes it.
    """
    return os.path.abspath(f"results/captions/{study}/{figure}.rst")


def in_report(file):
    """A caption as an output. What departs from a publication is of all figures of a study: an entry by itself.

    Reports list the entries of a study by the alphabet, this one first.
    """
    study, figure = Path(file).parent.name, Path(file).stem
    labels = {"figure": "all figures: what departs from the publication"}
    return report(file, caption(study, figure), study, labels=labels) if figure == "departures" else file


wildcard_constraints:
    dataset=r"[a-z][a-z0-9_]*",
    corruption=r"[a-z][a-z0-9_]*",
    split=r"[a-z][a-z0-9_]*",
    model=r"[a-z][a-z0-9_]*",
    seed=r"\d+",
    part="train|test",
    study=r"[a-z][a-z0-9_]*",

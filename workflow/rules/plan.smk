"""Check the configuration and make the plan, from which every rule takes its inputs and its settings."""

import functools
import os
import re

from aelab.plan.configuration import load
from aelab.plan.environments import environment_digest
from aelab.plan.plan import Plan, select
from aelab.plan.results import caption_of
from aelab.plan.snakemake_gaps import check_accelerator, known, produced

plan = Plan(load(config, [] if workflow.modifier.skip_configfile else workflow.configfiles))

with plain_refusals():
    check_accelerator(workflow, plan.config)

CAPTIONED = ["all_studies", *plan.studies]

# The figures and tables of each study; `figure` and `table` add to them.
STUDY_RESULTS = {study: plan.common_figures(study) for study in plan.studies}


def figure(study: str, file: str, caption: str | None = None, what: str = "") -> str:
    """Declare a figure of a study, for use as an output of a rule.

    The figure becomes one of the study's results and is shown with its caption in Snakemake's report. A file named
    `run-{run}/...` is made in every run of the study. If its name contains another wildcard, `caption` is required, and
    the study's rules must ask for the figures themselves.

    Parameters
    ----------
    study : str
        The name of the study.
    file : str
        The name of the figure's file.
    caption : str, optional
        A file of reStructuredText; by default the caption of the same name in the study's `captions.yaml`.
    what : str
        Text to add to the figure's label in the report.

    Returns
    -------
    str
        The path of the figure, with Snakemake's annotations for the report.
    """
    name, path = Path(file).stem, f"results/studies/{study}/{file}"
    if "{" not in path.replace("{run}", ""):
        runs = plan.study_runs(study) if "{run}" in path else [1]
        STUDY_RESULTS[study] += [path.replace("{run}", str(run)) for run in runs]
    words = re.sub(r"_(?![^{]*})", " ", name) + what + (", run {run}" if "{run}" in path else "")
    return report(path, caption=caption or written(study, name), category=study, labels={"figure": words})


def table(study: str, file: str) -> str:
    """Declare a table of a study, like `figure`.

    If a figure has the same name, the table's caption is named `<name>_table`.
    """
    name = Path(file).stem
    return figure(study, file, caption=written(study, f"{name}_table", name), what=", table")


def written(study: str, *names: str) -> str:
    """Return the file to which `write_captions` writes the first of these captions that the study has."""
    return os.path.abspath(f"{RESULTS_FOLDER}/captions/{study}/{caption_of(study, *names)}.rst")


def in_report(file: str) -> str:
    """Declare a caption as an output of a rule.

    The text on departures from the publication concerns all figures of a study and is therefore an entry of the report
    itself. Reports list the entries of a study in alphabetical order, so that this one comes first.
    """
    study, figure = Path(file).parent.name, Path(file).stem
    labels = {"figure": "all figures: what departs from the publication"}
    return report(file, written(study, figure), study, labels=labels) if figure == "departures" else file


@functools.cache
def manifested() -> list[str]:
    """Return every file that the manifest lists. Call this after all rules have been read.

    The paths lack the prefix that Snakemake adds if this workflow is a module of another one.
    """
    prefix = RESULTS_FOLDER.removesuffix("results")
    wanted = [workflow.modifier.modify_path(file) for file in RESULTS]
    return [file.removeprefix(prefix) for file in produced(wanted, OWN_RULES)]


wildcard_constraints:
    dataset=r"[a-z][a-z0-9_]*",
    corruption=r"[a-z][a-z0-9_]*",
    split=r"[a-z][a-z0-9_]*",
    model=r"[a-z][a-z0-9_]*",
    seed=r"\d+",
    draw=r"\d+",
    run=r"[1-9]\d*",
    search=r"[a-z][a-z0-9_]*",
    sweep=r"[a-z][a-z0-9_]*",
    part="train|test",
    study=r"[a-z][a-z0-9_]*",

"""The configuration, checked, and the plan that every rule asks for its inputs and its settings."""

import functools
import os
import re

from aelab.plan.configuration import load
from aelab.plan.environments import environment_digest
from aelab.plan.plan import Plan, select
from aelab.plan.results import caption_of
from aelab.plan.snakemake_gaps import known, produced

plan = Plan(load(config, [] if workflow.modifier.skip_configfile else workflow.configfiles))

CAPTIONED = ["all_studies", *plan.studies]

# The figures and tables of each study; `figure` and `table` add theirs.
STUDY_RESULTS = {study: plan.common_figures(study) for study in plan.studies}


def figure(study, file, caption=None, what=""):
    """A figure of a study: a result that the study asks for, shown in Snakemake's report with its caption.

    The caption is the one of the same name in the study's `captions.yaml`, or the file `caption` of reStructuredText
    where a wildcard stands in the name; such results the study's rules have to ask for themselves.
    """
    name, path = file.rpartition(".")[0], f"results/studies/{study}/{file}"
    if "{" not in path:
        STUDY_RESULTS[study].append(path)
    words = re.sub(r"_(?![^{]*})", " ", name) + what
    return report(path, caption=caption or written(study, name), category=study, labels={"figure": words})


def table(study, file):
    """A table of a study, like `figure`. Its caption may be named `<name>_table`, beside that of a figure."""
    name = file.rpartition(".")[0]
    return figure(study, file, caption=written(study, f"{name}_table", name), what=", table")


def written(study, *names):
    """The first caption of these names that the study has, as `write_captions` writes it."""
    return os.path.abspath(f"{RESULTS_FOLDER}/captions/{study}/{caption_of(study, *names)}.rst")


def in_report(file):
    """A caption as an output. What departs from a publication is of all figures of a study: an entry by itself.

    Reports list the entries of a study by the alphabet, this one first.
    """
    study, figure = Path(file).parent.name, Path(file).stem
    labels = {"figure": "all figures: what departs from the publication"}
    return report(file, written(study, figure), study, labels=labels) if figure == "departures" else file


@functools.cache
def manifested():
    """Every file that the manifest lists, known when all rules are; without a module's prefix, which Snakemake adds."""
    prefix = RESULTS_FOLDER.removesuffix("results")
    wanted = [workflow.modifier.modify_path(file) for file in RESULTS]
    return [file.removeprefix(prefix) for file in produced(wanted, OWN_RULES)]


wildcard_constraints:
    dataset=r"[a-z][a-z0-9_]*",
    corruption=r"[a-z][a-z0-9_]*",
    split=r"[a-z][a-z0-9_]*",
    model=r"[a-z][a-z0-9_]*",
    seed=r"\d+",
    part="train|test",
    study=r"[a-z][a-z0-9_]*",

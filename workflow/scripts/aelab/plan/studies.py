"""What every study keeps to, and the checks that a study adds in a `checks.py` of its own."""

import importlib.util
from functools import cache

from aelab.errors import ConfigurationError
from aelab.plan.entries import dataset_of, learns_labels
from aelab.plan.references import reference
from aelab.plan.schemas import STUDIES


def members(settings, groups=("published", "corrected", "baselines")):
    """The models of a study, in order."""
    return [name for group in groups for name in settings.get(group, [])]


def check_studies(config):
    """Studies name models and corruptions that exist, and keep to what they ask for themselves."""
    for study, settings in config["studies"].items():
        for group in ("published", "corrected", "baselines", "layers"):
            check_models(config, f"studies.{study}.{group}", settings.get(group, []))
        for key, holder in (("corruption", settings), ("examples.corruption", settings.get("examples", {}))):
            if holder.get("corruption") is not None:
                reference(config, f"studies.{study}.{key}", "corruptions", holder["corruption"])
        check_one_dataset(config, study, settings)
        own_checks(study)(config, settings)


def check_one_dataset(config, study, settings):
    """All models of a study work on one data set."""
    first = None
    for group, names in settings.items():
        for name in names if isinstance(names, list) else ():
            if isinstance(name, str) and name in config["models"]:
                first = first or name
                own, expected = dataset_of(config, name).name, dataset_of(config, first).name
                if own != expected:
                    raise ConfigurationError(
                        f"studies.{study}.{group}",
                        f"{name} on {own}",
                        f"models on one data set; {first} is on {expected}",
                    )


def check_models(config, where, names, labels=False):
    """Every name in a list is that of a model that reconstructs, or (`labels`) of a classifier."""
    for n, model in enumerate(names):
        reference(config, f"{where}.{n}", "models", model)
        if learns_labels(config["models"][model]) != labels:
            allowed = "allowed: a classifier" if labels else "allowed: a model that reconstructs"
            raise ConfigurationError(f"{where}.{n}", repr(model), allowed)


@cache
def own_checks(study):
    """The function `check(config, settings)` of a study's `checks.py`; one that refuses nothing where there is none."""
    path = STUDIES / study / "checks.py"
    if not path.exists():
        return lambda config, settings: None
    found = importlib.util.spec_from_file_location(f"checks_of_{study}", path)
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module.check

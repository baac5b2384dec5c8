"""Checks that apply to every study, and those that a study adds in its own `checks.py`."""

import importlib.util
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from aelab.errors import ConfigurationError
from aelab.kinds.declarations import Config
from aelab.plan.entries import dataset_of, learns_labels
from aelab.plan.explanations import nearest
from aelab.plan.references import reference
from aelab.plan.schemas import STUDIES

# The lists of models that a study may have, in the order in which figures and tables show them. A study of an
# assignment, which reports no results, has `asked` in place of `published`. `LAYERS` appear in training curves alone.
GROUPS = ("asked", "published", "corrected", "baselines")
LAYERS = "layers"


def members(settings: dict[str, Any], groups: Iterable[str] = GROUPS) -> list[str]:
    """Return the names of a study's models, group by group, in the order of the configuration.

    Parameters
    ----------
    settings : dict
        The settings of the study.
    groups : iterable of str
        The groups to include; the study need not have them all.

    Returns
    -------
    list of str
    """
    return [name for group in groups for name in settings.get(group, [])]


def check_member(where: str, name: str, names: Iterable[str]) -> None:
    """Check that a model belongs to a study, for the checks of a study's own settings.

    Parameters
    ----------
    where : str
        The key that names the model, for the error message.
    name : str
        The name.
    names : iterable of str
        The models that may be named.

    Raises
    ------
    ConfigurationError
        If it is not among them.
    """
    if name not in names:
        raise ConfigurationError(where, repr(name), f"allowed: models of this study{nearest(name, names)}")


def check_studies(config: Config) -> None:
    """Check every study: its models and corruptions exist, share one data set, and pass the study's own checks.

    Raises
    ------
    ConfigurationError
        For the first mistake that is found.
    """
    for study, settings in config["studies"].items():
        for group in (*GROUPS, LAYERS):
            check_models(config, f"studies.{study}.{group}", settings.get(group, []))
        for key, holder in (("corruption", settings), ("examples.corruption", settings.get("examples", {}))):
            if holder.get("corruption") is not None:
                reference(config, f"studies.{study}.{key}", "corruptions", holder["corruption"])
        check_one_dataset(config, study, settings)
        own_checks(study)(config, settings)


def check_one_dataset(config: Config, study: str, settings: dict[str, Any]) -> None:
    """Check that all models of a study work on one data set.

    Parameters
    ----------
    config : dict
        The configuration.
    study : str
        The name of the study.
    settings : dict
        The settings of the study.

    Raises
    ------
    ConfigurationError
        If there is a model on another data set than that of the first model.
    """
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


def check_models(config: Config, where: str, names: Iterable[str], labels: bool = False) -> None:
    """Check that every name in a list is that of a model of the right sort.

    Parameters
    ----------
    config : dict
        The configuration.
    where : str
        The key of the list, for error messages.
    names : iterable of str
        The names.
    labels : bool
        True if the models must be classifiers, False if they must reconstruct images.

    Raises
    ------
    ConfigurationError
        If a model does not exist or is of the other sort.
    """
    for n, model in enumerate(names):
        reference(config, f"{where}.{n}", "models", model)
        if learns_labels(config["models"][model]) != labels:
            allowed = "allowed: a classifier" if labels else "allowed: a model that reconstructs"
            raise ConfigurationError(f"{where}.{n}", repr(model), allowed)


@cache
def own_checks(study: str) -> Callable[[Config, dict[str, Any]], None]:
    """Return the function `check(config, settings)` from a study's `checks.py`.

    If the study has no such file, the function that is returned accepts everything.
    """
    path = STUDIES / study / "checks.py"
    if not path.exists():
        return lambda config, settings: None
    found = importlib.util.spec_from_file_location(f"checks_of_{study}", path)
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module.check

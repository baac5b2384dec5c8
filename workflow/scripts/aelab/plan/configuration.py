"""Read the configuration strictly, check it completely and write out its defaults.

This runs inside the `snakemake` process, before any job is planned. It needs only the standard library and two
packages that Snakemake itself requires (PyYAML, jsonschema).
"""

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from aelab.errors import ConfigurationError
from aelab.kinds.declarations import Config
from aelab.plan import choice, datasets, likes
from aelab.plan.entries import check_model, spelled_out
from aelab.plan.former import check_former
from aelab.plan.references import (
    check_cycles,
    check_names,
    check_references,
    check_searches,
    check_splits_and_corruptions,
)
from aelab.plan.repetitions import repeat
from aelab.plan.schemas import conform, conform_model, conform_study, rules_of_config
from aelab.plan.strict_yaml import check_readable
from aelab.plan.studies import check_studies
from aelab.plan.sweeps import expand, expand_searches


def load(config: dict[str, Any], files: Iterable[str | Path] = ()) -> Config:
    """Check a configuration and return it complete: defaults filled in, sweeps expanded.

    Parameters
    ----------
    config : dict
        The configuration as Snakemake has merged it. It is not changed.
    files : iterable of path
        The YAML or JSON files that it came from. They are read again to find mistakes that merging hides, such as
        duplicate keys.

    Returns
    -------
    dict
        The complete configuration.

    Raises
    ------
    ConfigurationError
        For the first mistake that is found.
    """
    for path in files:
        check_readable(path)
    try:
        config = complete(plain(config))
    except RecursionError:
        raise ConfigurationError("the top level", "values nested without end", "write them out") from None
    datasets.check_sources(config["datasets"])
    return config


def complete(written: dict[str, Any]) -> Config:
    """Check a configuration and write out every entry, defaults and sweeps included.

    Parameters
    ----------
    written : dict
        The configuration as the user wrote it. It is not changed.

    Returns
    -------
    dict
        The complete configuration.

    Raises
    ------
    ConfigurationError
        For the first mistake that is found. If an entry took the wrong value from another one through `like`, the
        message names that other entry.
    """
    check_names(written, ("datasets", "splits", "corruptions", "models", "sweeps", "searches", "studies"))
    config = likes.resolve(written)
    check_former(config)
    try:
        return checked(config)
    except ConfigurationError as error:
        raise likes.attributed(error, written) from None


def checked(config: dict[str, Any]) -> Config:
    """Do the work of `complete` for a configuration without `like`.

    Parameters
    ----------
    config : dict
        The configuration, its entries written out. It is changed in place.

    Returns
    -------
    dict
        The complete configuration.

    Raises
    ------
    ConfigurationError
        For the first mistake that is found.
    """
    config = conform(config, rules_of_config(), "")
    swept, values = expand(config["sweeps"], config["models"]), {}
    swept |= expand_searches(config["searches"], config["models"])
    config["models"] = {
        name: conform_model(entry, f"models.{name}") for name, entry in {**config["models"], **swept}.items()
    }
    for name in swept:  # there may be thousands, almost all of whose values are equal: each value is kept once
        entry = config["models"][name]
        config["models"][name] = {key: values.setdefault((key, repr(item)), item) for key, item in entry.items()}
    config["studies"] = {study: conform_study(settings, study) for study, settings in config["studies"].items()}
    check_names(config, ("models",))
    repeat(config)
    config["datasets"] = datasets.checked(config)
    check_splits_and_corruptions(config)
    check_references(config)
    check_searches(config)
    config["models"] = {name: spelled_out(config, entry) for name, entry in config["models"].items()}
    check_cycles(config)
    for name in config["models"]:
        check_model(config, name)
    check_studies(config)
    return choice.of_recipes(choice.of_studies(config))


def plain(value: object, where: str = "") -> object:
    """Copy nested mappings and lists into plain dicts and lists, with integral floats as integers (10.0 becomes 10).

    Parameters
    ----------
    value : object
        The value to copy. It is not changed.
    where : str
        The key of the value, parts joined by dots, for error messages.

    Returns
    -------
    object
        The copy.

    Raises
    ------
    ConfigurationError
        If a number is NaN or infinite, or an integer does not fit into 64 bits.
    """
    if isinstance(value, dict):
        return {key: plain(item, f"{where}.{key}" if where else str(key)) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item, f"{where}.{n}") for n, item in enumerate(value)]
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ConfigurationError(where, value, "allowed: a finite number")
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    if isinstance(value, int) and abs(value) >= 2**63:
        raise ConfigurationError(where, "a number of more than 63 bits", "allowed: a smaller one")
    return value

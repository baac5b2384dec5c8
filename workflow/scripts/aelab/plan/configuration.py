"""The configuration: read strictly, checked completely, and made explicit.

Runs inside the `snakemake` process before any job is planned, with nothing but the standard library
and two packages that Snakemake itself needs (PyYAML, jsonschema).
"""

import math

from aelab.errors import ConfigurationError
from aelab.plan import likes
from aelab.plan.entries import check_model, upstream
from aelab.plan.former import check_former
from aelab.plan.references import (
    check_cycles,
    check_names,
    check_references,
    check_source,
    check_splits_and_corruptions,
)
from aelab.plan.schemas import conform, conform_model, conform_study, rules_of_config
from aelab.plan.strict_yaml import check_readable
from aelab.plan.studies import check_studies
from aelab.plan.sweeps import expand


def load(config, files=()):
    """Check a configuration and return it complete: defaults filled in, sweeps expanded.

    `config` is what Snakemake has merged; `files` are the YAML or JSON files that it came from, read
    again for what merging hides. Raises `ConfigurationError` for the first thing that is wrong.
    """
    for path in files:
        check_readable(path)
    try:
        config = complete(plain(config))
    except RecursionError:
        raise ConfigurationError("the top level", "values nested without end", "write them out") from None
    check_source(config["data"]["folder"])
    return config


def complete(written):
    """The configuration with every entry written out, defaults and sweeps included, every check passed."""
    check_names(written, ("splits", "corruptions", "models", "sweeps", "studies"))
    config = likes.resolve(written)
    check_former(config)
    try:
        return checked(config)
    except ConfigurationError as error:
        raise likes.attributed(error, written) from None


def checked(config):
    """`complete` for a configuration whose entries are written out. Changes it."""
    config = conform(config, rules_of_config(), "")
    swept, values = expand(config["sweeps"], config["models"]), {}
    config["models"] = {
        name: conform_model(entry, f"models.{name}") for name, entry in {**config["models"], **swept}.items()
    }
    for name in swept:  # thousands, maybe, that have almost all values in common: each is kept once
        entry = config["models"][name]
        config["models"][name] = {key: values.setdefault((key, repr(item)), item) for key, item in entry.items()}
    config["studies"] = {study: conform_study(settings, study) for study, settings in config["studies"].items()}
    check_names(config, ("models",))
    check_splits_and_corruptions(config)
    check_references(config)
    check_cycles(config)
    for name in config["models"]:
        check_model(config, name)
    check_studies(config)
    return chosen(config)


def chosen(config):
    """The configuration with the models of its `recipes` alone, and what those start from.

    Models that are left out vanish from the studies too, and with them the pairs and settings that name them.
    """
    models, recipes = config["models"], set(config["recipes"])
    if recipes == {"published", "corrected", "baseline", "support"}:
        return config
    kept, queue = set(), [config["judge"]]
    queue += [name for name, entry in models.items() if entry["recipe"] in recipes - {"support"}]
    while queue:
        name = queue.pop()
        if name not in kept:
            kept.add(name)
            queue += [before for _, before in upstream(models[name])]
    gone = models.keys() - kept

    def names(item):
        items = item.values() if isinstance(item, dict) else item if isinstance(item, list) else [item]
        return any(isinstance(each, str) and each in gone for each in items)

    def without(value):
        if isinstance(value, dict):
            return {key: without(item) for key, item in value.items() if key not in gone}
        return [item for item in value if not names(item)] if isinstance(value, list) else value

    return {
        **config,
        "models": {name: entry for name, entry in models.items() if name in kept},
        "studies": without(config["studies"]),
    }


def plain(value, where=""):
    """Nested mappings as plain dicts, so that nothing of the caller's is changed; 10.0 as 10.

    Refuses numbers that are none (NaN, infinity) or that no machine number holds.
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

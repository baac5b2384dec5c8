"""Check the names of entries, which become folders, and the references of entries to each other."""

import re
from collections.abc import Iterable
from typing import Any

from aelab.errors import ConfigurationError
from aelab.kinds.declarations import Config
from aelab.plan.entries import dataset_of, judges, learns_labels, upstream
from aelab.plan.explanations import NAME_RULE, nearest


def check_names(config: dict[str, Any], groups: Iterable[str]) -> None:
    """Check the names of all entries.

    Names become folders and wildcards, so that they must neither need quoting nor lead out of `results/`.

    Parameters
    ----------
    config : dict
        The configuration, which need not have been checked before.
    groups : iterable of str
        The groups whose entries are checked, such as `models`.

    Raises
    ------
    ConfigurationError
        If a name breaks `NAME_RULE`.
    """
    for group in groups:
        names = config.get(group)
        for name in names if isinstance(names, dict) else ():
            if not isinstance(name, str) or not re.fullmatch(r"[a-z](_?[a-z0-9])*", name) or len(name) > 63:
                raise ConfigurationError(f"{group}.{name}", f"the name {name!r}", f"allowed: {NAME_RULE}")


def check_splits_and_corruptions(config: Config) -> None:
    """Check every split (see `check_split`), and that no corruption affects a share of the pixels greater than 1.

    Raises
    ------
    ConfigurationError
        For the first one that is wrong.
    """
    for name, split in config["splits"].items():
        check_split(config, name, split)
    for name, corruption in config["corruptions"].items():
        if corruption["kind"] != "gaussian" and corruption["amount"] > 1:
            raise ConfigurationError(
                f"corruptions.{name}.amount", corruption["amount"], "allowed: at most 1, a share of the pixels"
            )


def check_split(config: Config, name: str, split: dict[str, Any]) -> None:
    """Check one split and complete it in place: its data set and the number of its test images.

    Parameters
    ----------
    config : dict
        The configuration, whose data sets have been checked.
    name : str
        The name of the split.
    split : dict
        The split. It is changed.

    Raises
    ------
    ConfigurationError
        If the split does not say which of several data sets it divides, names an unknown one, or asks for more images
        than the data set has.
    """
    where = f"splits.{name}"
    if "dataset" not in split:
        if len(config["datasets"]) > 1:
            allowed = f"the data set that it divides, one of {', '.join(config['datasets'])}"
            raise ConfigurationError(f"{where}.dataset", "nothing", allowed)
        split["dataset"] = next(iter(config["datasets"]))
    reference(config, f"{where}.dataset", "datasets", split["dataset"])
    images = config["datasets"][split["dataset"]].images
    for key, found, most in (
        ("train", split["train"], images["train"]),
        ("test", split["test"] or 0, images["test"]),
    ):
        if found > most:
            raise ConfigurationError(f"{where}.{key}", found, f"allowed: at most {most}, all of {split['dataset']}")
    if split["start"] >= images["train"]:
        allowed = f"allowed: at most {images['train'] - 1}, the last image of {split['dataset']}"
        raise ConfigurationError(f"{where}.start", split["start"], allowed)
    if split["train"] + split["validation"] > images["train"]:
        raise ConfigurationError(
            f"{where}.validation",
            f"{split['validation']} beside train: {split['train']}",
            f"allowed: together at most {images['train']}",
        )
    if split["test"] is None:
        split["test"] = images["test"]


def reference(config: Config, where: str, group: str, name: str) -> None:
    """Check that an entry exists.

    Parameters
    ----------
    config : dict
        The configuration.
    where : str
        The key that refers to the entry, for error messages.
    group : str
        The group that must have the entry, such as `models`.
    name : str
        The name of the entry.

    Raises
    ------
    ConfigurationError
        If there is no such entry.
    """
    if name not in config[group]:
        known = sorted(config[group])
        listed = ", ".join(known) if len(known) <= 30 else f"{len(known)} entries of {group}"
        raise ConfigurationError(where, repr(name), f"allowed: {listed}{nearest(name, known)}")


def check_references(config: Config) -> None:
    """Check that every split, corruption and model to which a model refers exists, and check the judges.

    Raises
    ------
    ConfigurationError
        If one does not exist, or if a model has a seed that a model it depends on does not have.
    """
    for name, entry in config["models"].items():
        where = f"models.{name}"
        reference(config, f"{where}.split", "splits", entry["split"])
        for key, corruption in (
            ("corruption", entry.get("corruption")),
            ("evaluation.corruption", entry["evaluation"]["corruption"]),
        ):
            if corruption is not None:
                reference(config, f"{where}.{key}", "corruptions", corruption)
        for key, model in upstream(entry):
            reference(config, f"{where}.{key}", "models", model)
            missing = sorted(set(entry["seeds"]) - set(config["models"][model]["seeds"]))
            if missing:
                raise ConfigurationError(
                    f"{where}.seeds", entry["seeds"], f"allowed: seeds of {model}, which has none of {missing}"
                )
    check_judges(config)


def check_searches(config: Config) -> None:
    """Check that every search has images to validate on.

    Raises
    ------
    ConfigurationError
        If a split of a search has no validation images.
    """
    for search, settings in config["searches"].items():
        for name in settings["models"]:
            split = config["models"][name]["split"]
            if not config["splits"][split]["validation"]:
                raise ConfigurationError(
                    f"searches.{search}.split",
                    split,
                    "allowed: a split with validation images, by which settings are chosen",
                )


def check_judges(config: Config) -> None:
    """Check that every model that reconstructs images has a judge for its data set.

    Raises
    ------
    ConfigurationError
        If a judge is missing, is not a classifier, or is trained on another data set.
    """
    named = config["judge"]
    for key, name in named.items() if isinstance(named, dict) else [("", named)]:
        where = f"judge.{key}".rstrip(".")
        reference(config, where, "models", name)
        if key:
            reference(config, where, "datasets", key)
        if not learns_labels(config["models"][name]):
            raise ConfigurationError(where, repr(name), "allowed: a classifier")
        if key and dataset_of(config, name).name != key:
            raise ConfigurationError(where, f"{name}, which learns {dataset_of(config, name).name}", f"one of {key}")
    known = judges(config)
    for name, entry in config["models"].items():
        needed = dataset_of(config, name).name
        if needed not in known and not learns_labels(entry) and not entry.get("codes_of"):
            raise ConfigurationError(
                f"models.{name}.split",
                f"{entry['split']}, whose images are of {needed}",
                f"name a judge for them: `judge: {{{', '.join([*known, needed])}: ...}}`, a classifier for each",
            )


def check_cycles(config: Config) -> None:
    """Check that no model depends on itself, directly or not.

    Raises
    ------
    ConfigurationError
        If one does; the message names the models in the cycle.
    """
    done = set()

    def visit(name: str, path: list[str]) -> None:
        if name in path:
            chain = " -> ".join([*path[path.index(name) :], name])
            raise ConfigurationError(f"models.{name}", f"a cycle ({chain})", "a model cannot start from itself")
        if name not in done:
            for _, model in upstream(config["models"][name]):
                visit(model, [*path, name])
            done.add(name)

    for name in config["models"]:
        visit(name, [])

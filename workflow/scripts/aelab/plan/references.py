"""Names: those of entries, which become folders, and those by which entries name each other."""

import os
import re
from pathlib import Path

from aelab.data.genuine import FILES, TRAINING_IMAGES
from aelab.errors import ConfigurationError
from aelab.plan.entries import learns_labels, upstream
from aelab.plan.explanations import NAME_RULE, nearest

IMAGES = Path("results/data/mnist")


def check_names(config, groups):
    """Names become folders and wildcards: they must not need quoting, nor leave `results/`."""
    for group in groups:
        names = config.get(group)
        for name in names if isinstance(names, dict) else ():
            if not isinstance(name, str) or not re.fullmatch(r"[a-z](_?[a-z0-9])*", name) or len(name) > 63:
                raise ConfigurationError(f"{group}.{name}", f"the name {name!r}", f"allowed: {NAME_RULE}")


def check_source(folder):
    """A folder that the images are to come from exists. Once they are there nobody looks into it any more."""
    if folder and not os.path.isdir(folder) and not all((IMAGES / name).exists() for name in FILES):
        raise ConfigurationError(
            "data.folder", repr(folder), f"allowed: a folder that exists ({os.path.abspath(folder)} is none), or null"
        )


def check_splits_and_corruptions(config):
    """A split has no more images than there are; a share of the pixels is at most 1."""
    for name, split in config["splits"].items():
        if split["train"] + split["validation"] > TRAINING_IMAGES:
            raise ConfigurationError(
                f"splits.{name}.validation",
                f"{split['validation']} beside train: {split['train']}",
                f"allowed: together at most {TRAINING_IMAGES}",
            )
    for name, corruption in config["corruptions"].items():
        if corruption["kind"] != "gaussian" and corruption["amount"] > 1:
            raise ConfigurationError(
                f"corruptions.{name}.amount", corruption["amount"], "allowed: at most 1, a share of the pixels"
            )


def reference(config, where, group, name):
    """Raise `ConfigurationError` unless `name` is an entry of `group`."""
    if name not in config[group]:
        known = sorted(config[group])
        listed = ", ".join(known) if len(known) <= 30 else f"{len(known)} entries of {group}"
        raise ConfigurationError(where, repr(name), f"allowed: {listed}{nearest(name, known)}")


def check_references(config):
    """Every name of a split, a corruption or a model is an entry."""
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
    reference(config, "judge", "models", config["judge"])
    if not learns_labels(config["models"][config["judge"]]):
        raise ConfigurationError("judge", repr(config["judge"]), "allowed: a classifier")


def check_cycles(config):
    """No model may start, directly or not, from itself."""
    done = set()

    def visit(name, path):
        if name in path:
            chain = " -> ".join([*path[path.index(name) :], name])
            raise ConfigurationError(f"models.{name}", f"a cycle ({chain})", "a model cannot start from itself")
        if name not in done:
            for _, model in upstream(config["models"][name]):
                visit(model, [*path, name])
            done.add(name)

    for name in config["models"]:
        visit(name, [])

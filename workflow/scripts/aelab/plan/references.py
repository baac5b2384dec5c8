"""Names: those of entries, which become folders, and those by which entries name each other."""

import re

from aelab.errors import ConfigurationError
from aelab.plan.entries import dataset_of, judges, learns_labels, upstream
from aelab.plan.explanations import NAME_RULE, nearest


def check_names(config, groups):
    """Names become folders and wildcards: they must not need quoting, nor leave `results/`."""
    for group in groups:
        names = config.get(group)
        for name in names if isinstance(names, dict) else ():
            if not isinstance(name, str) or not re.fullmatch(r"[a-z](_?[a-z0-9])*", name) or len(name) > 63:
                raise ConfigurationError(f"{group}.{name}", f"the name {name!r}", f"allowed: {NAME_RULE}")


def check_splits_and_corruptions(config):
    """A split has no more images than there are; a share of the pixels is at most 1."""
    for name, split in config["splits"].items():
        check_split(config, name, split)
    for name, corruption in config["corruptions"].items():
        if corruption["kind"] != "gaussian" and corruption["amount"] > 1:
            raise ConfigurationError(
                f"corruptions.{name}.amount", corruption["amount"], "allowed: at most 1, a share of the pixels"
            )


def check_split(config, name, split):
    """A split names its data set, and divides no more images than that has; what it leaves open is filled in."""
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
    if split["train"] + split["validation"] > images["train"]:
        raise ConfigurationError(
            f"{where}.validation",
            f"{split['validation']} beside train: {split['train']}",
            f"allowed: together at most {images['train']}",
        )
    if split["test"] is None:
        split["test"] = images["test"]


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
    check_judges(config)


def check_judges(config):
    """Every model that reconstructs images has a judge for its data set."""
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

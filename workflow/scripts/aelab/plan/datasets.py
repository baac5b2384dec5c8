"""The data sets of a configuration: one object for each entry."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from aelab.data import own
from aelab.data.files_of import DESCRIPTION, FILES
from aelab.errors import ConfigurationError
from aelab.plan.dataset import FOLDER, Dataset
from aelab.plan.explanations import nearest
from aelab.plan.strict_yaml import read_yaml

KNOWN = Path(own.__file__).parent / "known"

# What an image shows if the configuration does not name it.
OBJECT = "object"


@cache
def known_kinds() -> dict[str, dict[str, Any]]:
    """Return the data sets that users need not describe, by name: the files in `aelab/data/known`."""
    return {path.stem: read_yaml(path) for path in sorted(KNOWN.glob("*.yaml"))}


def checked(config: dict[str, Any]) -> dict[str, Dataset]:
    """Return the data sets of a configuration by name.

    Raises
    ------
    ConfigurationError
        If one of them cannot be used.
    """
    return {name: dataset(name, entry) for name, entry in config["datasets"].items()}


def check_sources(datasets: dict[str, Dataset]) -> None:
    """Check that each folder from which images are to be copied exists, unless they have already been copied.

    Raises
    ------
    ConfigurationError
        If there is no such folder.
    """
    for dataset in datasets.values():
        folder = dataset.source.get("folder") if dataset.pinned else None
        there = all(Path(path).exists() for part in dataset.files.values() for path in part.values())
        if folder and not Path(folder).is_dir() and not there:
            raise ConfigurationError(
                f"datasets.{dataset.name}.folder",
                repr(folder),
                f"allowed: a folder that exists ({Path(folder).absolute()} is none), or null",
            )


def dataset(name: str, entry: dict[str, Any]) -> Dataset:
    """Return the data set that an entry describes.

    Parameters
    ----------
    name : str
        The name of the entry.
    entry : dict
        The entry, checked against its schema.

    Returns
    -------
    Dataset

    Raises
    ------
    ConfigurationError
        If the kind is unknown, a key does not belong to the kind, or the user's files cannot be used.
    """
    where, kind = f"datasets.{name}", entry["kind"]
    kinds = [*known_kinds(), *own.SURVEYS]
    if kind not in kinds:
        raise ConfigurationError(f"{where}.kind", repr(kind), f"allowed: {', '.join(kinds)}{nearest(kind, kinds)}")
    allowed = allowed_keys(kind)
    for key in entry:
        if entry[key] is not None and key not in allowed:
            raise ConfigurationError(f"{where}.{key}", repr(entry[key]), f"of the kind {kind}: {', '.join(allowed)}")
    if kind in known_kinds():
        return of_known(name, entry, known_kinds()[kind])
    return of_files(name, entry, where)


def allowed_keys(kind: str) -> tuple[str, ...]:
    """Return the keys that an entry of this kind may have."""
    if kind in known_kinds():
        fetched = ("folder", "mirrors", "npm_package", "timeout")
        return ("kind", "word", *(() if "made_by" in known_kinds()[kind] else fetched))
    return ("kind", "word", "file" if kind == "npz" else "folder", *(() if kind == "png" else ("classes",)))


def of_known(name: str, entry: dict[str, Any], facts: dict[str, Any]) -> Dataset:
    """Return a known data set.

    Parameters
    ----------
    name : str
        The name of the entry.
    entry : dict
        The entry; its sources override the usual ones.
    facts : dict
        The content of the data set's file in `aelab/data/known`.

    Returns
    -------
    Dataset
    """
    given = {key: value for key, value in entry.items() if key in ("folder", "mirrors", "npm_package", "timeout")}
    source = {"folder": None, "timeout": 5, **facts.get("sources", {}), **given}
    if "made_by" in facts:
        source = {"made_by": facts["made_by"]}
    return Dataset(
        name=name,
        kind=entry["kind"],
        shape=tuple(facts["shape"]),
        classes=tuple(facts["classes"]),
        word=entry.get("word") or facts["word"],
        images={part: facts[part] for part in ("train", "test")},
        pinned={file: tuple(expected) for file, expected in facts["files"].items()},
        origin=None,
        source={**source, "title": facts["title"], "name": name},
    )


def of_files(name: str, entry: dict[str, Any], where: str) -> Dataset:
    """Return a data set made from the user's own files.

    If the files have been removed since the data set was made from them, what was recorded then is returned.

    Parameters
    ----------
    name : str
        The name of the entry.
    entry : dict
        The entry.
    where : str
        The key of the entry, for error messages: `datasets.<name>`.

    Returns
    -------
    Dataset

    Raises
    ------
    ConfigurationError
        If the entry names no files or no classes, the files cannot be used, or there are too few or too many classes.
    """
    kind, key = entry["kind"], "file" if entry["kind"] == "npz" else "folder"
    if not entry.get(key):
        raise ConfigurationError(f"{where}.{key}", "nothing", f"name the {key} of your images")
    if kind != "png" and not entry.get("classes"):
        raise ConfigurationError(f"{where}.classes", "nothing", "a name for each class, in the order of the labels")
    try:
        found = recorded(name, kind) if not Path(entry[key]).exists() else None
        if found is None:
            found = own.survey(kind, entry, f".snakemake/datasets/{name}.json")
            found["origin"] = own.origin(found.pop("files"))
    except own.Unusable as error:
        raise ConfigurationError(f"{where}.{key}", error.found, error.allowed) from None
    classes = found.get("classes") or entry["classes"]
    if not 2 <= len(classes) <= own.MOST_CLASSES:
        raise ConfigurationError(
            f"{where}.{key if kind == 'png' else 'classes'}",
            f"{len(classes)} class{'' if len(classes) == 1 else 'es'}",
            f"allowed: 2 to {own.MOST_CLASSES}",
        )
    return Dataset(
        name=name,
        kind=kind,
        shape=tuple(found["shape"]),
        classes=tuple(classes),
        word=entry.get("word") or OBJECT,
        images={part: found[part] for part in ("train", "test")},
        pinned=None,
        origin=found["origin"],
        source={key: entry[key], "name": name},
    )


def recorded(name: str, kind: str) -> dict[str, Any] | None:
    """Return what the results record about a data set made from the user's own files.

    Parameters
    ----------
    name : str
        The name of the data set.
    kind : str
        The format that its files must have had.

    Returns
    -------
    dict or None
        `shape`, `train`, `test`, `classes` and `origin`; None if the results hold no complete data set of that kind.
    """
    folder = Path(FOLDER) / name
    try:
        content = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
        found = {key: content[key] for key in ("shape", "train", "test", "classes", "origin")}
    except (OSError, ValueError, KeyError, TypeError):
        return None
    complete = all((folder / file).exists() for file in FILES.values())
    return found if content.get("kind") == kind and complete else None

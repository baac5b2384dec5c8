"""Expand sweeps and searches, which are grids of values over the keys of one model's entry, into models."""

import itertools
import math
import re
from collections.abc import Iterator
from typing import Any

from aelab.errors import ConfigurationError
from aelab.plan.explanations import nearest

MOST_OF_A_SWEEP = 20_000


def expand(sweeps: dict[str, Any], models: dict[str, Any], group: str = "sweeps") -> dict[str, Any]:
    """Turn sweeps into entries of `models`: the base entry with each combination of the grid's values.

    Parameters
    ----------
    sweeps : dict
        The sweeps, checked against their schema. Each gets the key `models`: the names of its models, in the order of
        the grid (`combinations`).
    models : dict
        The entries of the models, without `like`. They are not changed.
    group : str
        The key of the configuration that holds them, for error messages.

    Returns
    -------
    dict
        The new entries by name. A model of the sweep `widths` over `batch_size` is named `widths_batch_size_256`.

    Raises
    ------
    ConfigurationError
        If the base or a key of the grid does not exist, if the key is `like`, if a sweep has more than
        `MOST_OF_A_SWEEP` models, or if two models get the same name.
    """
    entries = {}
    for sweep, settings in sweeps.items():
        where = f"{group}.{sweep}"
        if settings["base"] not in models:
            raise ConfigurationError(
                f"{where}.base",
                repr(settings["base"]),
                f"allowed: an entry of models{nearest(settings['base'], models)}",
            )
        if any(str(path).split(".")[0] == "like" for path in settings["grid"]):
            raise ConfigurationError(f"{where}.grid.like", "a key that is not swept", "write a sweep for each base")
        settings["models"] = []
        size = math.prod(len(choices) for choices in settings["grid"].values())
        if size > MOST_OF_A_SWEEP:
            raise ConfigurationError(f"{where}.grid", f"{size} models", f"allowed: at most {MOST_OF_A_SWEEP}")
        for values in combinations(settings["grid"]):
            entry, label = models[settings["base"]], [sweep]
            for path, value in values.items():
                entry = assigned(entry, path.split("."), value, f"{where}.grid.{path}")
                label.append(f"{path.split('.')[-1]}_{value}")
            if "seeds" in settings:
                entry = {**entry, "seeds": settings["seeds"]}
            name = re.sub(r"[^a-z0-9]+", "_", "_".join(label).lower().replace("-", "m")).strip("_")
            if name in models or name in entries:
                raise ConfigurationError(where, f"two models named {name}", "give the sweep another name")
            entries[name] = entry
            settings["models"].append(name)
    return entries


def combinations(grid: dict[str, list[Any]]) -> Iterator[dict[str, Any]]:
    """Yield every combination of the values of a grid by key, the keys in alphabetical order.

    A grid without keys has one combination, of nothing.
    """
    axes = sorted((str(path), choices) for path, choices in grid.items())
    for values in itertools.product(*(choices for _, choices in axes)):
        yield {path: value for (path, _), value in zip(axes, values, strict=True)}


def expand_searches(searches: dict[str, Any], models: dict[str, Any]) -> dict[str, Any]:
    """Turn searches into entries of `models`, and note in each search the names of its own.

    Parameters
    ----------
    searches : dict
        The searches, checked against their schema. Each gets the key `models`: the names of its models, in the order of
        the grid.
    models : dict
        The entries of the models, without `like`. They are not changed.

    Returns
    -------
    dict
        The new entries by name. They watch validation images.

    Raises
    ------
    ConfigurationError
        As `expand` does.
    """
    entries = {}
    for search, settings in searches.items():
        found = expand({search: settings}, {**models, **entries}, "searches")
        for name, entry in found.items():
            own = {key: settings[key] for key in ("split", "may_collapse") if settings[key]}
            entries[name] = {**entry, "watch": "validation", "recipe": "support", **own}
    return entries


def assigned(content: object, path: list[str], value: object, where: str) -> dict | list:
    """Return a copy with one value replaced; everything else is shared with the original.

    Parameters
    ----------
    content : dict or list
        The original. It is not changed.
    path : list of str
        The parts of the key, such as `["encoder", "widths", "1"]`.
    value : object
        The new value. It is not checked here.
    where : str
        The key in the configuration, for error messages.

    Returns
    -------
    dict or list

    Raises
    ------
    ConfigurationError
        If the key does not fit the content.
    """
    first, *rest = path
    step = int(first) if isinstance(content, list) and first.isdecimal() else first
    inside = isinstance(content, dict) or isinstance(content, list) and isinstance(step, int) and step < len(content)
    if not inside:
        raise ConfigurationError(
            where, repr(where.split(".grid.", 1)[1]), "allowed: a key of the base model's entry, parts joined by dots"
        )
    copied = content.copy()
    if rest:
        value = assigned(copied.get(step, {}) if isinstance(copied, dict) else copied[step], rest, value, where)
    copied[step] = value
    return copied

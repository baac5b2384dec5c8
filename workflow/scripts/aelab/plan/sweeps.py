"""Sweeps: a grid of values over the keys of one model's entry, expanded into models."""

import itertools
import math
import re

from aelab.errors import ConfigurationError
from aelab.plan.explanations import nearest

MOST_OF_A_SWEEP = 20_000


def expand(sweeps, models):
    """Sweeps as entries of `models`: the base entry with each combination of the grid's values set.

    A model of the sweep `widths` over `batch_size` is named `widths_batch_size_256`.
    """
    entries = {}
    for sweep, settings in sweeps.items():
        where = f"sweeps.{sweep}"
        if settings["base"] not in models:
            raise ConfigurationError(
                f"{where}.base",
                repr(settings["base"]),
                f"allowed: an entry of models{nearest(settings['base'], models)}",
            )
        if any(str(path).split(".")[0] == "like" for path in settings["grid"]):
            raise ConfigurationError(f"{where}.grid.like", "a key that is not swept", "write a sweep for each base")
        axes = sorted(settings["grid"].items(), key=lambda axis: str(axis[0]))
        size = math.prod(len(choices) for _, choices in axes)
        if size > MOST_OF_A_SWEEP:
            raise ConfigurationError(f"{where}.grid", f"{size} models", f"allowed: at most {MOST_OF_A_SWEEP}")
        for values in itertools.product(*(choices for _, choices in axes)):
            entry, label = models[settings["base"]], [sweep]
            for (path, _), value in zip(axes, values, strict=True):
                entry = assigned(entry, str(path).split("."), value, f"{where}.grid.{path}")
                label.append(f"{path.split('.')[-1]}_{value}")
            if "seeds" in settings:
                entry = {**entry, "seeds": settings["seeds"]}
            name = re.sub(r"[^a-z0-9]+", "_", "_".join(label).lower().replace("-", "m")).strip("_")
            if name in models or name in entries:
                raise ConfigurationError(where, f"two models named {name}", "give the sweep another name")
            entries[name] = entry
    return entries


def assigned(content, path, value, where):
    """A copy with one key set, such as `optimizer.learning_rate` or `encoder.widths.1`; all else is shared.

    `path` is the list of its parts. What comes of it is checked later.
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

"""What planning asks of a kind of model, without TensorFlow: each kind answers in a `declaration.py` of its own.

Planning never looks into the entry of a model by itself, but for the keys that all kinds share
(`schemas/model.schema.yaml`), `codes_of` and `starts_from`. Standard library alone.
"""

import importlib
from functools import cache
from pathlib import Path
from typing import Any

from aelab.data.genuine import IMAGE_SIZE

# The entry of a model in the configuration, complete: every key of `schemas/model.schema.yaml` and of the kind's
# `schema.yaml`, with its value or its default.
Entry = dict[str, Any]
# The whole configuration, complete: `models` by name, `splits`, `corruptions`, `judge`, `studies`.
Config = dict[str, Any]


class Declaration:
    """What is known of a kind of model before any of them is built. A kind derives `Declaration` from this class.

    Attributes
    ----------
    learns
        What models of this kind are trained on: "images", which they reconstruct, or "labels", which they tell.
    made_by
        The rule that makes their weights: `train_model` where they are trained by gradients and the kind has an
        `architecture.py`, else a rule of its own.
    """

    learns: str = "images"
    made_by: str = "train_model"

    def code_size(self, entry: Entry, config: Config) -> int:
        """Numbers in a code: the key `code_size`, for kinds that have it."""
        return entry["code_size"]

    def multiply_adds(self, entry: Entry, config: Config) -> float:
        """Multiplications with an addition for one image on its way through the model, roughly.

        Decides which training starts first, and nothing else: a kind that leaves it out is trained last.
        """
        return 0.0

    def starts(self, entry: Entry) -> list[tuple[str, str]]:
        """Models whose weights a model starts from: pairs (key of the entry, name of the model), in order."""
        return [("starts_from", entry["starts_from"])] if entry.get("starts_from") else []

    def check(self, entry: Entry, config: Config, where: str) -> None:
        """Raise `ConfigurationError` where keys of the entry do not fit each other, or the models that it starts from.

        `where` is the entry's place, `models.<name>`. Names of models, splits and corruptions are known to exist.
        """


@cache
def known() -> tuple[str, ...]:
    """The kinds that there are: the folders beside this file that declare one."""
    return tuple(sorted(path.parent.name for path in Path(__file__).resolve().parent.glob("*/declaration.py")))


@cache
def of_kind(kind: str) -> Declaration:
    """The declaration of a kind."""
    return importlib.import_module(f"aelab.kinds.{kind}.declaration").Declaration()


def of(entry: Entry) -> Declaration:
    """The declaration of an entry's kind."""
    return of_kind(entry["kind"])


def code_size(config: Config, name: str) -> int:
    """Numbers in the code of a model."""
    entry = config["models"][name]
    return of(entry).code_size(entry, config)


def input_size(entry: Entry, config: Config) -> int:
    """Numbers that a model takes: those of a code of the model that it works on, or the pixels of an image."""
    return code_size(config, entry["codes_of"]) if entry.get("codes_of") else IMAGE_SIZE


def of_convolutions(filters: list[int]) -> float:
    """Multiplications with an addition of 3x3 convolutions, each followed by a halving of 32 x 32 pixels; roughly."""
    sides = [32 / 2**n for n in range(len(filters))]
    return sum(9 * side**2 * before * after for side, before, after in zip(sides, [1, *filters], filters, strict=False))


def of_dense_layers(widths: list[int]) -> int:
    """Multiplications with an addition of dense layers from one width to the next."""
    return sum(a * b for a, b in zip(widths, widths[1:], strict=False))

"""What planning needs to know about a kind of model, which each kind declares in its `declaration.py`.

Planning itself reads only those keys of a model's entry that all kinds share (`schemas/model.schema.yaml`), `codes_of`
and `starts_from`. Declarations use the standard library alone, so that planning does not load TensorFlow.
"""

import ast
import importlib
from functools import cache
from pathlib import Path
from typing import Any

from aelab.inference import operations

# The complete entry of a model in the configuration: every key of `schemas/model.schema.yaml` and of the kind's
# `schema.yaml`, with its value or its default.
Entry = dict[str, Any]
# The complete configuration: entries of `models`, `splits`, `corruptions` and `studies` by name, `judge`, and
# `datasets`, which are objects by name.
Config = dict[str, Any]
# An `aelab.plan.dataset.Dataset`, which cannot be imported here.
Dataset = Any


class Declaration:
    """What is known about a kind of model before a model is built. Each kind derives its `Declaration` from this class.

    Attributes
    ----------
    learns : {"images", "labels"}
        What models of this kind are trained on: images, which they reconstruct, or labels, which they predict.
    made_by : str
        The rule that makes their weights: `train_model` if they are trained by gradient descent, which requires an
        `architecture.py`, otherwise the name of another rule.
    varies : bool
        Whether a model comes out different with another seed.
    has_prior : bool
        Whether draws from N(0, I) are codes that models of this kind are trained to decode.
    """

    learns: str = "images"
    made_by: str = "train_model"
    varies: bool = True
    has_prior: bool = False

    def code_size(self, entry: Entry, config: Config) -> int:
        """Return how many numbers a code has; by default the value of the key `code_size`."""
        return entry["code_size"]

    def operations(self, entry: Entry, config: Config) -> set[str]:
        """Return the names of all layers and activations that a trained model can consist of.

        Models are trained in Keras and applied in NumPy. What `aelab.inference.operations` does not list, the kind has
        to bring as a function in its own `inference.py`; it is named `<kind>.<function>`. Every kind declares them.
        """
        raise NotImplementedError(f"kinds/{entry['kind']}/declaration.py does not declare its operations.")

    def multiply_adds(self, entry: Entry, config: Config) -> float:
        """Estimate the multiply-add operations that it takes to apply the model to one image.

        The estimate only decides which training starts first. Kinds that do not define it are trained last.
        """
        return 0.0

    def sees_noise(self, entry: Entry) -> bool:
        """Return whether a model is trained on noisy inputs, by default if its entry names a corruption."""
        return bool(entry.get("corruption"))

    def starts(self, entry: Entry) -> list[tuple[str, str]]:
        """Return the models from whose weights a model starts, by default the one named in `starts_from`.

        Returns
        -------
        list of (str, str)
            The key of the entry that names a model, and that model's name, in order.
        """
        return [("starts_from", entry["starts_from"])] if entry.get("starts_from") else []

    def measure(self, entry: Entry) -> str:
        """Return the metric by which models of this kind are compared, a column of `metrics.csv`.

        By default it is the accuracy of classifiers; of other models the error of their reconstructions, of corrupted
        images if they are trained and evaluated on those.
        """
        if entry.get("codes_of"):
            return "test_mse_of_codes"
        if self.learns == "labels":
            return "test_accuracy"
        return "test_mse_corrupted" if entry.get("corruption") and entry["evaluation"]["corruption"] else "test_mse"

    def unfit(self, entry: Entry, shape: tuple[int, int]) -> str | None:
        """Say why a model cannot work on images of a certain size.

        Parameters
        ----------
        entry : dict
            The model's entry.
        shape : (int, int)
            Rows and columns of an image.

        Returns
        -------
        str or None
            The reason, or what is allowed; None if the model can work on them.
        """
        return None

    def check(self, entry: Entry, config: Config, where: str) -> None:
        """Check that the keys of an entry fit each other and the models from which the model starts.

        Parameters
        ----------
        entry : dict
            The model's entry.
        config : dict
            The complete configuration, in which every reference is known to exist.
        where : str
            The key of the entry, `models.<name>`, for error messages.

        Raises
        ------
        ConfigurationError
            If they do not.
        """


@cache
def known() -> tuple[str, ...]:
    """Return the names of all kinds: the folders beside this file that hold a declaration."""
    return tuple(sorted(path.parent.name for path in Path(__file__).resolve().parent.glob("*/declaration.py")))


@cache
def brought(kind: str) -> frozenset[str]:
    """Return the names of the functions in a kind's `inference.py`, preceded by the kind; empty if there is no file."""
    path = Path(__file__).resolve().parent / kind / "inference.py"
    statements = ast.parse(path.read_text(encoding="utf-8")).body if path.exists() else []
    return frozenset(f"{kind}.{each.name}" for each in statements if isinstance(each, ast.FunctionDef))


def not_in_numpy(entry: Entry, config: Config) -> list[str]:
    """Return the layers and activations of a model that cannot be applied after training, in alphabetical order."""
    named = of(entry).operations(entry, config).difference(operations.LAYERS, operations.ACTIVATIONS)
    return sorted(name for name in named if name not in brought(name.partition(".")[0]))


@cache
def of_kind(kind: str) -> Declaration:
    """Return the declaration of a kind."""
    return importlib.import_module(f"aelab.kinds.{kind}.declaration").Declaration()


def of(entry: Entry) -> Declaration:
    """Return the declaration of an entry's kind."""
    return of_kind(entry["kind"])


def code_size(config: Config, name: str) -> int:
    """Return how many numbers the code of a model has."""
    entry = config["models"][name]
    return of(entry).code_size(entry, config)


def dataset(entry: Entry, config: Config) -> Dataset:
    """Return the data set that an entry's split divides, an `aelab.plan.dataset.Dataset`."""
    return config["datasets"][config["splits"][entry["split"]]["dataset"]]


def input_size(entry: Entry, config: Config) -> int:
    """Return how many numbers a model takes: those of another model's code if it works on codes, else the pixels."""
    return code_size(config, entry["codes_of"]) if entry.get("codes_of") else dataset(entry, config).pixels


def of_convolutions(filters: list[int], pixels: int) -> float:
    """Estimate the multiply-add operations of 3x3 convolutions, each followed by halving both sides of the image.

    Parameters
    ----------
    filters : list of int
        The numbers of filters, from the image on.
    pixels : int
        The number of pixels in an image.

    Returns
    -------
    float
    """
    areas = [pixels / 4**n for n in range(len(filters))]
    return sum(9 * area * before * after for area, before, after in zip(areas, [1, *filters], filters, strict=False))


def of_dense_layers(widths: list[int]) -> int:
    """Count the multiply-add operations of dense layers from each width to the next."""
    return sum(a * b for a, b in zip(widths, widths[1:], strict=False))

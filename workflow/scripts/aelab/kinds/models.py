"""Trained models in NumPy: a kind's own layers and activations are in its `inference.py`."""

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from aelab.errors import LabError
from aelab.files import weights
from aelab.inference import trained


def read_model(path: str | Path) -> trained.Model:
    """Return the model of a weight file.

    Raises
    ------
    LabError
        If the file is missing or damaged, or no function for one of its layers exists.
    """
    return model_of(*weights.read(path))


def model_of(description: dict[str, Any], arrays: dict[str, np.ndarray]) -> trained.Model:
    """Return a model.

    Parameters
    ----------
    description : dict
        What the weight file says about it (`aelab.files.weights`).
    arrays : dict of np.ndarray
        Its weights by name.

    Raises
    ------
    LabError
        If no function for one of its layers exists.
    """
    layers = [layer for network in description["networks"].values() for layer in network]
    names = {name for layer in layers for name in (layer["layer"], layer.get("activation", "linear"))}
    return trained.of(description, arrays, {name: own(name) for name in sorted(names) if "." in name})


def own(name: str) -> Callable[..., np.ndarray]:
    """Return the NumPy function of a kind's own layer or activation.

    Parameters
    ----------
    name : str
        `<kind>.<name>`.

    Raises
    ------
    LabError
        If the kind has no such function.
    """
    kind, _, function = name.partition(".")
    try:
        return getattr(importlib.import_module(f"aelab.kinds.{kind}.inference"), function)
    except (ImportError, AttributeError):
        raise LabError(f"a trained model needs {function}, which aelab/kinds/{kind}/inference.py lacks.") from None

"""Weight files: `.npz` files with the weights of a trained model and a description of the model.

The weights are float32 arrays named `network/layer/variable`. The description is JSON text in an array named `model`,
with these keys:

- `family`: `autoencoder`, `variational` or `classifier` (`aelab.inference.trained`)
- `networks`: lists of layers, by the name of the network (`aelab.inference.layers.apply`); layers and activations that
  a kind of model brings itself are named `<kind>.<name>` (`aelab.kinds.models`)
- `output`: the activation after the decoder
- `trained`: the names of the weights that were trained
- `input_size`: how many numbers the first network takes
- `log_sigma_of_spread`, in variational models: the factor by which a spread is multiplied to give a log standard
  deviation

The format of safetensors has no checksums: of 300 files with one wrong bit, its library read all without an error,
whereas the checksums of `.npz` files told all 300. It is faster (1 instead of 8 ms for 12 MB) and would be one more
dependency.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from aelab.errors import LabError
from aelab.files.arrays import read_arrays
from aelab.files.atomic import write_arrays

DESCRIPTION = "model"


def read(path: str | Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Read a weight file.

    Returns
    -------
    description : dict
        The description of the model.
    arrays : dict of np.ndarray
        The weights by name.

    Raises
    ------
    LabError
        If the file is missing or damaged, or a weight is not finite.
    """
    arrays = read_arrays(path)
    try:
        description = json.loads(str(arrays.pop(DESCRIPTION)))
        fits = set(description["trained"]) <= set(arrays) and {"family", "networks", "output"} <= set(description)
    except (KeyError, TypeError, ValueError):
        fits = False
    if not fits:
        raise LabError(f"{path} describes no model. Delete it and start the workflow again.")
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            raise LabError(f"{path}: {name} is not finite. Delete it and start the workflow again.")
    return description, arrays


def write(path: str | Path, description: dict[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
    """Write a weight file; the same model gives the same bytes.

    Parameters
    ----------
    path : str or Path
        The file.
    description : dict
        The description of the model.
    arrays : mapping of str to np.ndarray
        The weights by name.
    """
    text = json.dumps(description, separators=(",", ":"))
    write_arrays(path, {**arrays, DESCRIPTION: np.array(text)})

"""Weight files: `.npz` files of a trained model's weights, which say what model it is.

Beside the weights, float32 arrays named `network/layer/variable`, they hold the JSON text `model`:

- `family`: `autoencoder`, `variational` or `classifier` (`aelab.inference.trained`)
- `networks`: by name, lists of layers (`aelab.inference.layers`)
- `output`: the activation after the decoder
- `trained`: the names of the weights that were trained
- `input_size`: numbers that the first network takes
- `log_sigma_of_spread`, of variational models: by what a spread is to be multiplied for a log standard deviation
"""

import json

import numpy as np

from aelab.errors import LabError
from aelab.files.arrays import read_arrays
from aelab.files.atomic import write_arrays

DESCRIPTION = "model"


def read(path):
    """A model's description, a dict, and its weights by name. Raises `LabError` where the file is damaged."""
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


def write(path, description, arrays):
    """Write a weight file; the same model gives the same bytes."""
    text = json.dumps(description, separators=(",", ":"))
    write_arrays(path, {**arrays, DESCRIPTION: np.array(text)})

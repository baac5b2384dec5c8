"""Encode the training or the test images with a trained model.

Inputs: weights; images, or the codes of the model before if this model works on those.

Outputs: the codes (n, k), float32.
"""

import numpy as np

from aelab.data import idx
from aelab.files.arrays import read_array
from aelab.files.atomic import write_array
from aelab.jobs import frame
from aelab.kinds.models import read_model


def given(path: str) -> np.ndarray:
    """Read what a model encodes: codes (n, k), float32, of an `.npy` file, else images (n, pixels), uint8."""
    return read_array(path, (None, None)) if path.endswith(".npy") else idx.read_images(path)


if "snakemake" in globals():
    with frame.job(snakemake):
        model = read_model(snakemake.input.weights)
        write_array(snakemake.output[0], model.encode(given(snakemake.input.given)))

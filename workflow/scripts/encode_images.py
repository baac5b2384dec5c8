"""Encode all images with a trained model.

Inputs: weights; training and test images, or the codes of the model before if this model works on those.

Outputs: the codes (n, k) of training and test images, float32, one `.npy` file each.
"""

import numpy as np

from aelab.data import idx
from aelab.files.arrays import read_array
from aelab.files.atomic import write_array
from aelab.inference import trained
from aelab.jobs import frame
from aelab.plan import specs


def given(path: str) -> np.ndarray:
    """Read what a model encodes: codes (n, k), float32, of an `.npy` file, else images (n, pixels), uint8."""
    return read_array(path, (None, None)) if path.endswith(".npy") else idx.read_images(path)


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        model = trained.read(snakemake.input.weights)
        write_array(snakemake.output.train, model.encode(given(snakemake.input.train)))
        write_array(snakemake.output.test, model.encode(given(snakemake.input.test)))

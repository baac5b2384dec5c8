"""Fit the Wiener filter of a kind of noise, and pack it for the page of results.

Inputs: clean and corrupted training and test images; the split.

Outputs: a script that holds the filter as a model without an encoder, whose decoder is one dense layer, clipped.
"""

import numpy as np

from aelab.data import datasets, idx
from aelab.files.arrays import read_array
from aelab.files.atomic import replacing
from aelab.inference import assembled, linear, trained
from aelab.jobs import frame
from aelab.page import models, packing
from aelab.plan import specs

IMAGES = 200


def fitted(clean: np.ndarray, corrupted: np.ndarray) -> trained.Model:
    """Return the Wiener filter from corrupted (n, pixels) to clean images (n, pixels), as a model."""
    matrix, offset = linear.wiener_filter(clean, corrupted)
    return trained.of(*assembled.dense({"encoder": [], "decoder": [(matrix, offset, "linear")]}, output="clip"))


if "snakemake" in globals():
    with frame.job(snakemake):
        name = specs.parse(snakemake.params.spec)["name"]
        rows = datasets.read_split(snakemake.input.split)["train"]
        clean = datasets.unit(idx.read_images(snakemake.input.train_images)[rows])
        model = fitted(clean, read_array(snakemake.input.train_corrupted, (None, None))[rows])
        test = datasets.unit(idx.read_images(snakemake.input.test_images)[:IMAGES])
        noisy = np.array(read_array(snakemake.input.test_corrupted, (None, None))[:IMAGES])
        pack = models.pack(model, models.of_autoencoder(test, noisy))
        with replacing(snakemake.output[0]) as file:
            file.write(packing.script("model", name, pack))

"""Compute the residuals of test images: true image minus reconstruction, with their signs.

Inputs: weights of the study's models; test images; corrupted test images; the split.

Outputs: for each pair of model and kind of input that the study shows, an `.npy` file of float32 (n, pixels) with one
row per test image of the split, in the order of the split. Where the study shows the `code`, the code is subtracted as
if it were an image, as in the published analysis.
"""

import numpy as np

from aelab.data import datasets, idx
from aelab.files.arrays import read_array
from aelab.files.atomic import write_array
from aelab.inference import trained
from aelab.jobs import frame
from aelab.kinds.models import read_model
from aelab.plan import specs


def residuals(model: trained.Model, images: np.ndarray, inputs: np.ndarray, output: str) -> np.ndarray:
    """Subtract a model's reconstructions, or its codes, from images.

    Parameters
    ----------
    model : trained.Model
        The model.
    images : np.ndarray
        Clean images (n, pixels) with pixels in [0, 1].
    inputs : np.ndarray
        The same images as the model gets them (n, pixels), clean or corrupted.
    output : {"reconstruction", "code"}
        What to subtract. A code must have as many numbers as an image has pixels.

    Returns
    -------
    np.ndarray
        Residuals (n, pixels), float32, roughly in [-1, 1].
    """
    return images - (model.encode(inputs) if output == "code" else model.reconstruct(inputs))


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        rows = datasets.read_split(snakemake.input.split)["test"]
        clean = datasets.unit(idx.read_images(snakemake.input.images)[rows])
        inputs = {"clean": clean, "corrupted": read_array(snakemake.input.corrupted, (None, None))[rows]}
        models = {
            member["name"]: read_model(path)
            for member, path in zip(spec["members"], snakemake.input.weights, strict=True)
        }
        for shown, path in zip(spec["shown"], snakemake.output, strict=True):
            write_array(path, residuals(models[shown["model"]], clean, inputs[shown["inputs"]], shown["output"]))

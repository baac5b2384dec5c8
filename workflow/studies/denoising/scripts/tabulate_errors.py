"""Compare every model of the denoising study with linear references, on clean and on noisy test images.

In: the models' metrics; training and test images and their corrupted copies. Out: a table with a row a
model and a reference: MSE per pixel, PSNR in dB (peak 1, mean over images) and SSIM, of the reconstruction
of clean and of noisy images, against the clean ones; `updates` counts those of all trainings that the
weights went through. References: the noisy image itself, as it is and clipped to [0, 1], and the Wiener
filter fitted to the training images, its output clipped.
"""

import numpy as np
import pandas as pd

from aelab.analysis import measures
from aelab.data import datasets, idx
from aelab.files.arrays import read_array
from aelab.files.atomic import write_table
from aelab.files.tables import read_metrics
from aelab.inference import linear
from aelab.jobs import frame
from aelab.plan import specs

MEASURES = {
    "mse": lambda images, others, shape: measures.mse(images, others),
    "psnr": lambda images, others, shape: measures.psnr(images, others),
    "ssim": measures.ssim,
}


def of_model(member, metrics, updates):
    """A model's row."""
    row = {**{key: member[key] for key in ("name", "group", "description")}, "updates": updates}
    row |= {"parameters": metrics["parameters"]}
    for name in MEASURES:
        row |= {name: metrics[f"test_{name}"], f"{name}_noisy": metrics[f"test_{name}_corrupted"]}
    return row


def of_reference(name, description, images, shape, from_noisy, from_clean=None):
    """A reference's row, from what it makes of the noisy and, where it changes them, of the clean images."""
    row = {"name": name, "group": "references", "description": description}
    for measure, function in MEASURES.items():
        if from_clean is not None:
            row[measure] = function(images, from_clean, shape)
        row[f"{measure}_noisy"] = function(images, from_noisy, shape)
    return row


def references(train, train_noisy, test, test_noisy, shape):
    """Rows of the references; clean images (n, pixels) of a shape in [0, 1] and their noisy copies."""
    matrix, offset = linear.wiener_filter(train, train_noisy)

    def filtered(images):
        return np.clip(np.asarray(images, np.float64) @ matrix + offset, 0, 1)

    return [
        of_reference("noisy_image", "the noisy image itself", test, shape, test_noisy),
        of_reference(
            "noisy_image_clipped", "the noisy image, clipped to [0, 1]", test, shape, np.clip(test_noisy, 0, 1)
        ),
        of_reference(
            "wiener_filter", "best linear denoiser, clipped", test, shape, filtered(test_noisy), filtered(test)
        ),
    ]


if "snakemake" in globals():
    with frame.job(snakemake):
        spec, paths = specs.parse(snakemake.params.spec), snakemake.input
        split = datasets.read_split(paths.split)
        images = {}
        for part, rows in (("train", split["train"]), ("test", split["test"])):
            clean = idx.read_images(paths[f"{part}_images"])
            noisy = read_array(paths[f"{part}_noisy"], (len(clean), None))
            images[part] = datasets.unit(clean[rows]), noisy[rows]
        rows = [
            of_model(member, read_metrics(path), updates)
            for member, path, updates in zip(spec["members"], paths.metrics, spec["updates"], strict=True)
        ]
        rows += references(*images["train"], *images["test"], idx.image_shape(paths.test_images))
        write_table(snakemake.output[0], pd.DataFrame(rows))

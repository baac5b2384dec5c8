"""Divide the test images into references, held-out images and those that choose a width, and draw training images.

Inputs: the split of the study's first model; training images.

Outputs: an `.npz` file with row numbers: of test images, `references` (n,), with which all samples are compared,
`held_out` (n,), the row that ought to win, and `widths` (w,), by which the width of a Parzen window is chosen; of
training images, `training` (n,). References and held-out images are drawn alike, so that nothing tells them apart.
"""

import numpy as np

from aelab.data import datasets, idx
from aelab.data.randomness import generator
from aelab.files.atomic import write_arrays
from aelab.jobs import frame
from aelab.plan import specs


def divided(
    test: np.ndarray, train: int, samples: int, width_images: int, draw: np.random.Generator
) -> dict[str, np.ndarray]:
    """Draw the rows.

    Parameters
    ----------
    test : np.ndarray
        Row numbers of the test images.
    train : int
        Number of training images.
    samples, width_images : int
        How many rows are wanted; there are fewer if there are too few test images.
    draw : np.random.Generator
        Source of randomness.

    Returns
    -------
    dict of str to np.ndarray
        `references`, `held_out`, `widths` and `training`, none of which share a test image.
    """
    shuffled = draw.permutation(test)
    width_images = min(width_images, len(test) // 10)
    number = min(samples, (len(test) - width_images) // 2, train // 2)
    return {
        "references": shuffled[:number],
        "held_out": shuffled[number : 2 * number],
        "widths": shuffled[2 * number : 2 * number + width_images],
        "training": draw.choice(train, number, replace=False),
    }


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        test = datasets.read_split(snakemake.input.split)["test"]
        train = len(idx.read_images(snakemake.input.train_images))
        draw = generator("densities", "rows", spec["seed"], spec["run"])
        write_arrays(snakemake.output[0], divided(test, train, spec["samples"], spec["width_images"], draw))

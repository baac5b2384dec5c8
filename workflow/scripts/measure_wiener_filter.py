"""Measure how well the best linear denoiser undoes a corruption.

Inputs: clean and corrupted training and test images; the split.

Outputs: a table of one row: the corruption, the MSE per pixel of the corrupted test images, that of the output of the
Wiener filter, clipped to [0, 1], and the mean cosine between its correction and the way back to the clean image. The
filter is fitted to the training images of the split and their corrupted copies.
"""

import numpy as np
import pandas as pd

from aelab.analysis import measures
from aelab.data import datasets, idx
from aelab.files.arrays import read_array
from aelab.files.atomic import write_table
from aelab.inference import linear
from aelab.jobs import frame
from aelab.plan import specs


def filtered(clean: np.ndarray, corrupted: np.ndarray, test_corrupted: np.ndarray) -> np.ndarray:
    """Fit the Wiener filter to training images, and apply it to test images.

    Parameters
    ----------
    clean : np.ndarray
        Training images (m, pixels) with pixels in [0, 1].
    corrupted : np.ndarray
        Their corrupted copies (m, pixels).
    test_corrupted : np.ndarray
        Corrupted test images (n, pixels).

    Returns
    -------
    np.ndarray
        Filtered test images (n, pixels), clipped to [0, 1].
    """
    matrix, offset = linear.wiener_filter(clean, corrupted)
    return np.clip(test_corrupted @ matrix + offset, 0, 1)


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        split = datasets.read_split(snakemake.input.split)
        train, test = (
            (
                datasets.unit(idx.read_images(snakemake.input[f"{part}_images"])[split[part]]),
                read_array(snakemake.input[f"{part}_corrupted"], (None, None))[split[part]],
            )
            for part in ("train", "test")
        )
        denoised = filtered(*train, test[1])
        row = {
            "corruption": spec["corruption"],
            "mse_of_corrupted": measures.mse(*test),
            "mse": measures.mse(test[0], denoised),
            "correction_cosine": measures.correction_cosine_per_image(*test, denoised).mean(),
        }
        write_table(snakemake.output[0], pd.DataFrame([row]))

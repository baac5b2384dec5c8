"""Measure how plausible the interpolated images of every model are.

Inputs: the interpolated paths; test labels.

Outputs: a table with one row per model (and one for the blend of the pixels) and kind of pair: the judge's mean
confidence at the ends and halfway; over the images between the ends, the share that reads as a digit of the pair, the
share that the judge reads with a confidence of at least 0.9, and the share of plausible images; `plausible_ends`, the
share of plausible images among the two reconstructions.

An image is plausible if the judge is as sure of it, and a training image as near to it, as of all real images but the
worst `plausible_quantile` in each respect.
"""

import numpy as np
import pandas as pd

from aelab.data import idx
from aelab.files.arrays import read_arrays
from aelab.files.atomic import write_table
from aelab.jobs import frame
from aelab.plan import specs

SORTS = ("same_digit", "different_digits")


def plausible(
    confidence: np.ndarray, distance: np.ndarray, real: tuple[np.ndarray, np.ndarray], quantile: float
) -> np.ndarray:
    """Tell which images are plausible.

    Parameters
    ----------
    confidence : np.ndarray
        The judge's confidence in each image.
    distance : np.ndarray
        Distance of each image to the nearest training image, of the same shape.
    real : tuple of np.ndarray
        Confidence and distance of real images.
    quantile : float
        Share of the real images that each of the two bounds rejects.

    Returns
    -------
    np.ndarray
        Booleans of the same shape.
    """
    return (confidence >= np.quantile(real[0], quantile)) & (distance <= np.quantile(real[1], 1 - quantile))


def interpolations(names: list[str], paths: dict[str, np.ndarray], labels: np.ndarray, quantile: float) -> pd.DataFrame:
    """Compute the table.

    Parameters
    ----------
    names : list of str
        Names of the models and of the pixel blend, in the order of the paths.
    paths : dict of str to np.ndarray
        The arrays that `interpolate_test_pairs` writes.
    labels : np.ndarray
        Class numbers of the test images (n,).
    quantile : float
        Share of the real images that each bound of plausibility rejects.

    Returns
    -------
    pd.DataFrame
        One row per name and kind of pair.
    """
    meant = labels[paths["pairs"]]
    real = paths["real_confidence"], paths["real_distance"]
    rows = []
    for number, name in enumerate(names):
        for sort, words in enumerate(SORTS):
            read_as, confidence, distance = (paths[key][number, sort] for key in ("read_as", "confidence", "distance"))
            of_pair = (read_as == meant[sort, :, :1]) | (read_as == meant[sort, :, 1:])
            good = plausible(confidence, distance, real, quantile)
            row = {
                "name": name,
                "pairs": words,
                "confidence_ends": confidence[:, [0, -1]].mean(),
                "confidence_half_way": confidence[:, confidence.shape[1] // 2].mean(),
                "read_as_digit_of_pair": of_pair[:, 1:-1].mean(),
                "sure": (confidence[:, 1:-1] >= 0.9).mean(),
                "plausible": good[:, 1:-1].mean(),
                "plausible_ends": good[:, [0, -1]].mean(),
            }
            rows.append(row)
    return pd.DataFrame(rows)


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        names = [*(member["name"] for member in spec["members"]), "pixel_blend"]
        paths, labels = read_arrays(snakemake.input.paths), idx.read_labels(snakemake.input.labels)
        quantile = spec["interpolation"]["plausible_quantile"]
        write_table(snakemake.output[0], interpolations(names, paths, labels, quantile))

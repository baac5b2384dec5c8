"""Price a code that needs no training: principal components, rounded to multiples of a step.

Inputs: training and test images.

Outputs: the table `quantised_pca.csv`, one row per step: step, rate (nats per test image, by the frequencies of the
rounded numbers in training images), MSE per pixel of the decoded test images, clipped to [0, 1], and how many
components were not zero in every image; `gaussian_curve.csv`, rate and MSE of a Gaussian source with the covariance of
the training images; `variances.npy`, the eigenvalues (pixels,) of that covariance, the largest first.
"""

import numpy as np
import pandas as pd

from aelab.analysis import measures, rates
from aelab.data import datasets, idx
from aelab.files.atomic import write_array, write_table
from aelab.jobs import frame
from aelab.plan import specs

POINTS = 60


def components(covariance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return eigenvalues (k,) and orthonormal eigenvectors (k, k) in columns, by falling eigenvalue."""
    variances, vectors = np.linalg.eigh(covariance)
    return np.maximum(variances[::-1], 0), vectors[:, ::-1]


def quantised(counted: np.ndarray, coded: np.ndarray, images: np.ndarray, back: tuple, step: float) -> dict[str, float]:
    """Round codes to multiples of a step, price them and decode them.

    Parameters
    ----------
    counted : np.ndarray
        Codes (m, k) of the images by which frequencies are known.
    coded : np.ndarray
        Codes (n, k) of the images that are priced.
    images : np.ndarray
        These images (n, pixels).
    back : tuple of np.ndarray
        The components (k, pixels) and the mean image (pixels,).
    step : float
        The step. A rounded number beyond those that were counted becomes the nearest of them.

    Returns
    -------
    dict of str to float
        The columns of the table.
    """
    known, numbers = np.rint(counted / step), np.rint(coded / step)
    used = np.flatnonzero(known.any(axis=0))
    known, numbers = known[:, used], numbers[:, used]
    numbers = np.clip(numbers, known.min(axis=0), known.max(axis=0))
    rate = sum(rates.cost_of_symbols(known[:, n], numbers[:, n]) for n in range(len(used)))
    decoded = np.clip((numbers * step).astype(np.float32) @ back[0][used] + back[1], 0, 1)
    return {"step": step, "rate": rate, "mse": measures.mse(images, decoded), "components": len(used)}


def curve(variances: np.ndarray, points: int = POINTS) -> pd.DataFrame:
    """Tabulate the rate-distortion function of a Gaussian source: rate, and MSE per pixel (of as many as variances).

    Points lie at levels from a thousandth of the largest variance up to it.
    """
    levels = variances[0] * np.geomspace(1e-3, 1, points)
    found, errors = rates.gaussian_curve(variances, levels)
    return pd.DataFrame({"rate": found, "mse": errors / len(variances)})


if "snakemake" in globals():
    with frame.job(snakemake):
        settings = specs.parse(snakemake.params.spec)["quantised_pca"]
        train, test = idx.read_images(snakemake.input.train_images), idx.read_images(snakemake.input.test_images)
        mean, covariance = rates.covariance(train)
        variances, vectors = components(covariance)
        forth, mean = vectors.astype(np.float32), mean.astype(np.float32)
        counted = (datasets.unit(train[: settings["counted"]]) - mean) @ forth
        images = datasets.unit(test)
        coded, back = (images - mean) @ forth, (np.ascontiguousarray(forth.T), mean)
        table = [quantised(counted, coded, images, back, step) for step in settings["steps"]]
        write_table(snakemake.output.quantised, pd.DataFrame(table))
        write_table(snakemake.output.curve, curve(variances))
        write_array(snakemake.output.variances, variances)

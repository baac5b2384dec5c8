"""Analyse residuals: their mean, their principal components, and where they are large.

Inputs: residuals (n, pixels) for each pair of model and kind of input that the study shows; test images and labels;
the split.

Outputs:

- `components.npz`: `means` (shown, pixels) and `components` (shown, c, pixels). Components have unit length; their
  sign makes the entry of largest magnitude positive.
- a table with one row per model and kind of input: MSE per pixel, the share of it due to the mean residual, the
  correlation of the mean residual with the mean image, the mean residual on ink (pixels above 0.5) and off it, the
  digits with the largest and the smallest error and their MSE, the share of variance of each component, and the least
  share of the grey scale that the mean or a component gets if all of them share one scale.

If the study shows the `code`, the published analysis is repeated: it takes absolute values and the components of the
transposed matrix, whose rows are pixels. The images are then the scores of the pixels, in units of the residuals.
"""

import numpy as np
import pandas as pd
from sklearn.decomposition import PCA

from aelab.analysis import measures
from aelab.data import datasets
from aelab.data.shown import Shown
from aelab.files.arrays import read_array
from aelab.files.atomic import write_arrays, write_table
from aelab.jobs import frame
from aelab.plan import specs


def signed(vectors: np.ndarray) -> np.ndarray:
    """Flip the sign of each row (n, d) whose entry of largest magnitude is negative."""
    largest = vectors[np.arange(len(vectors)), np.abs(vectors).argmax(axis=1)]
    return vectors * np.where(largest < 0, -1.0, 1.0)[:, None]


def components(residuals: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Compute the mean and the principal components of residuals.

    Parameters
    ----------
    residuals : np.ndarray
        Residuals (n, pixels).
    count : int
        Number of components.

    Returns
    -------
    mean : np.ndarray
        Mean residual (pixels,), float64.
    components : np.ndarray
        Components (count, pixels) of unit length, by decreasing variance, float64.
    shares : np.ndarray
        Share of the total variance along each component (count,), float64.
    """
    pca = PCA(count, svd_solver="covariance_eigh").fit(np.asarray(residuals, np.float64))
    return pca.mean_, signed(pca.components_), pca.explained_variance_ratio_


def components_as_published(residuals: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Repeat the published analysis: principal components of the transposed matrix of absolute residuals.

    The rows of the transposed matrix are pixels, so what is subtracted is the mean of each image over its pixels.

    Parameters
    ----------
    residuals : np.ndarray
        Residuals (n, pixels).
    count : int
        Number of components.

    Returns
    -------
    mean : np.ndarray
        Mean absolute residual (pixels,), float64.
    scores : np.ndarray
        Scores of the pixels (count, pixels), in units of the residuals, float64.
    shares : np.ndarray
        Share of the total variance along each component (count,), float64.
    """
    absolute = np.abs(np.asarray(residuals, np.float64))
    centred = absolute - absolute.mean(axis=1, keepdims=True)
    values, vectors = np.linalg.eigh(centred.T @ centred)
    values, vectors = values[::-1], vectors[:, ::-1]
    scores = vectors[:, :count] * np.sqrt(np.maximum(values[:count], 0))
    return absolute.mean(axis=0), signed(scores.T), values[:count] / values.sum()


def row(
    residuals: np.ndarray,
    images: np.ndarray,
    labels: np.ndarray,
    mean: np.ndarray,
    directions: np.ndarray,
    shares: np.ndarray,
    data: Shown,
) -> dict:
    """Compute the row of the table for one model and kind of input.

    Parameters
    ----------
    residuals : np.ndarray
        Residuals (n, pixels).
    images : np.ndarray
        Clean images (n, pixels) with pixels in [0, 1].
    labels : np.ndarray
        Class numbers (n,).
    mean : np.ndarray
        Mean residual (pixels,).
    directions : np.ndarray
        Principal components (c, pixels).
    shares : np.ndarray
        Share of variance of each component (c,).
    data : Shown
        Names of the classes.

    Returns
    -------
    dict
        The values of the row by column name.
    """
    errors = np.square(residuals, dtype=np.float64).mean(axis=1)
    by_digit = measures.by_digit(errors, labels, len(data.classes))
    ink = images > 0.5
    largest = np.abs(np.vstack([mean, directions])).max(axis=1)
    return {
        "mse": errors.mean(),
        "share_of_mean": (mean**2).mean() / errors.mean(),
        "correlation_with_mean_image": np.corrcoef(mean, images.mean(axis=0, dtype=np.float64))[0, 1],
        "on_ink": residuals[ink].mean(dtype=np.float64),
        "beside_ink": residuals[~ink].mean(dtype=np.float64),
        "worst_digit": data.name(np.nanargmax(by_digit)),
        "mse_of_worst_digit": np.nanmax(by_digit),
        "best_digit": data.name(np.nanargmin(by_digit)),
        "mse_of_best_digit": np.nanmin(by_digit),
        **{f"share_{n}": share for n, share in enumerate(shares, 1)},
        "share_of_all_shown": shares.sum(),
        "least_share_of_one_scale": largest.min() / largest.max(),
    }


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        split = datasets.read_split(snakemake.input.split)["test"]
        images, labels = datasets.read_labelled(snakemake.input.images, snakemake.input.labels)
        images, labels = datasets.unit(images[split]), labels[split]
        means, directions, rows = [], [], []
        for shown, path in zip(spec["shown"], snakemake.input.residuals, strict=True):
            residuals = read_array(path, (len(split), None))
            analyse = components_as_published if shown["output"] == "code" else components
            mean, found, shares = analyse(residuals, spec["components"])
            means.append(mean)
            directions.append(found)
            rows.append({**shown, **row(residuals, images, labels, mean, found, shares, Shown.of(spec))})
        write_arrays(snakemake.output.components, {"means": np.stack(means), "components": np.stack(directions)})
        write_table(snakemake.output.table, pd.DataFrame(rows))

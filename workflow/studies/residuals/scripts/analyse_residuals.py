"""Analyse residuals: their mean, their principal components, and where they are large.

In: residuals (n, pixels) of each model and kind of input that the study shows, test images and labels, the split.
Out: `components.npz` with `means` (shown, pixels) and `components` (shown, c, pixels); a table, a row a model and kind
of input: MSE per pixel, the share of it that the mean residual makes up, the mean residual on ink (pixels above
0.5) and beside it, the digits with the largest and the smallest error and their MSE, the share of variance of each
component. Components have unit length and the sign that makes their largest value positive.

Where the study shows the `code`, the published analysis is repeated: absolute values, and the components of the
transposed matrix, whose rows are pixels: images are then the scores of the pixels, in units of the residuals.
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


def signed(vectors):
    """Rows with the sign that makes their largest value positive."""
    largest = vectors[np.arange(len(vectors)), np.abs(vectors).argmax(axis=1)]
    return vectors * np.where(largest < 0, -1.0, 1.0)[:, None]


def components(residuals, count):
    """Mean (pixels,), principal components (count, pixels) and their shares of the variance (count,), in float64."""
    pca = PCA(count, svd_solver="covariance_eigh").fit(np.asarray(residuals, np.float64))
    return pca.mean_, signed(pca.components_), pca.explained_variance_ratio_


def components_as_published(residuals, count):
    """The same of absolute residuals, with the matrix transposed: the scores of the pixels (count, pixels) and shares.

    Rows are pixels, so that each image's mean over its pixels is what gets subtracted.
    """
    absolute = np.abs(np.asarray(residuals, np.float64))
    centred = absolute - absolute.mean(axis=1, keepdims=True)
    values, vectors = np.linalg.eigh(centred.T @ centred)
    values, vectors = values[::-1], vectors[:, ::-1]
    scores = vectors[:, :count] * np.sqrt(np.maximum(values[:count], 0))
    return absolute.mean(axis=0), signed(scores.T), values[:count] / values.sum()


def row(residuals, images, labels, mean, shares, data):
    """What the table says of residuals, all (n, pixels), with labels (n,)."""
    errors = np.square(residuals, dtype=np.float64).mean(axis=1)
    by_digit = measures.by_digit(errors, labels, len(data.classes))
    ink = images > 0.5
    return {
        "mse": errors.mean(),
        "share_of_mean": (mean**2).mean() / errors.mean(),
        "on_ink": residuals[ink].mean(dtype=np.float64),
        "beside_ink": residuals[~ink].mean(dtype=np.float64),
        "worst_digit": data.name(np.nanargmax(by_digit)),
        "mse_of_worst_digit": np.nanmax(by_digit),
        "best_digit": data.name(np.nanargmin(by_digit)),
        "mse_of_best_digit": np.nanmin(by_digit),
        **{f"share_{n}": share for n, share in enumerate(shares, 1)},
        "share_of_all_shown": shares.sum(),
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
            rows.append({**shown, **row(residuals, images, labels, mean, shares, Shown.of(spec))})
        write_arrays(snakemake.output.components, {"means": np.stack(means), "components": np.stack(directions)})
        write_table(snakemake.output.table, pd.DataFrame(rows))

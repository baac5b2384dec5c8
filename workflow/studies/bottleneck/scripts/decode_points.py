"""Decode chosen points of the code: the median and the mean of each digit, and the published points.

Inputs: codes of the training images; labels; the splits; weights of the models and of the judge.

Outputs: a table with one row per point (model, source, digit, code, how the judge reads the decoded image and with what
confidence, and the distance to the nearest training code, in units of the median distance between a code and its
nearest neighbour); and an `.npz` file of the decoded images (points, pixels) in the same order.

The median of a digit is the code of the training image nearest to the median of that digit's codes in each coordinate.
It therefore always lies in the support of the codes.
"""

import numpy as np
import pandas as pd
from sklearn.neighbors import NearestNeighbors

from aelab.data import datasets, idx
from aelab.data.shown import Shown
from aelab.files.arrays import read_array
from aelab.files.atomic import write_arrays, write_table
from aelab.inference import trained
from aelab.inference.judge import Judge
from aelab.jobs import frame
from aelab.kinds.models import read_model
from aelab.plan import specs


def derived_points(codes: np.ndarray, labels: np.ndarray) -> list[tuple[str, int, np.ndarray]]:
    """Compute the median and the mean of the codes of each digit.

    Parameters
    ----------
    codes : np.ndarray
        Codes (n, k).
    labels : np.ndarray
        Class numbers (n,).

    Returns
    -------
    list of tuple of str, int and np.ndarray
        Source (`median` or `mean`), class number and code (k,) of each point.
    """
    points = []
    for digit in np.unique(labels):
        own = np.asarray(codes[labels == digit], np.float64)
        nearest = ((own - np.median(own, axis=0)) ** 2).sum(axis=1).argmin()
        points += [("median", int(digit), own[nearest]), ("mean", int(digit), own.mean(axis=0))]
    return points


def distance_to_codes(points: np.ndarray, codes: np.ndarray, sample: int = 2000) -> np.ndarray:
    """Compute the distance from each point to the nearest code, relative to the spacing of the codes.

    Parameters
    ----------
    points : np.ndarray
        Points (p, k).
    codes : np.ndarray
        Codes (n, k).
    sample : int, default=2000
        Number of codes, from the first on, whose median distance to their nearest neighbour is the unit.

    Returns
    -------
    np.ndarray
        Relative distances (p,).
    """
    index = NearestNeighbors(n_neighbors=2).fit(codes)
    spacing = np.median(index.kneighbors(codes[:sample])[0][:, 1])
    return index.kneighbors(points, n_neighbors=1)[0][:, 0] / max(spacing, 1e-12)


def decode(
    model: trained.Model,
    judge: Judge,
    points: list[tuple[str, int, np.ndarray]],
    codes: np.ndarray,
    data: Shown,
) -> tuple[pd.DataFrame, np.ndarray]:
    """Decode the points of one model.

    Parameters
    ----------
    model : trained.Model
        The model.
    judge : Judge
        The classifier that reads the decoded images.
    points : list of tuple of str, int and np.ndarray
        Source, class number and code (k,) of each point.
    codes : np.ndarray
        Codes of the training images (n, k).
    data : Shown
        Names of the classes.

    Returns
    -------
    table : pd.DataFrame
        One row per point, without the name of the model.
    images : np.ndarray
        Decoded images (points, pixels), float32.
    """
    coordinates = np.array([code for *_, code in points], np.float32)
    images = model.decode(coordinates)
    read_as, confidence = judge.read(images)
    table = pd.DataFrame([(source, data.name(digit)) for source, digit, _ in points], columns=["source", "digit"])
    table["read_as"] = data.names(read_as)
    table["confidence"] = confidence
    table["distance_to_codes"] = distance_to_codes(coordinates, codes)
    for n in range(coordinates.shape[1]):
        table[f"code_{n + 1}"] = coordinates[:, n]
    return table, images


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        labels = idx.read_labels(snakemake.input.labels)
        judge = Judge(read_model(snakemake.input.judge))
        tables, images = [], []
        for member, path, codes_path, split_path in zip(
            spec["members"], snakemake.input.weights, snakemake.input.codes, snakemake.input.splits, strict=True
        ):
            rows = datasets.read_split(split_path)["train"]
            codes = np.asarray(read_array(codes_path)[rows])
            points = derived_points(codes, labels[rows])
            points += [
                ("published", point["digit"], np.array(point["code"], np.float64))
                for point in spec["published_points"].get(member["name"], [])
            ]
            table, decoded = decode(read_model(path), judge, points, codes, Shown.of(spec))
            table.insert(0, "model", member["name"])
            tables.append(table)
            images.append(decoded)
        write_table(snakemake.output.table, pd.concat(tables, ignore_index=True))
        write_arrays(snakemake.output.images, {"images": np.concatenate(images)})

"""Decode chosen points of the code: the median and the mean of each digit, points by rules of thumb, published points.

Inputs: codes of the training images; labels; the splits; weights of the models and of the judge.

Outputs: a table with one row per point (model, source, digit, relation, how the judge reads the decoded image and with
what confidence, on which scale, what it reads on the other scale, the distance to the nearest training code in units of
the median distance between a code and its nearest neighbour, and the code); and an `.npz` file of the decoded images
(points, pixels) in the same order, as the judge reads them.

The median of a digit is the code of the training image nearest to the median of that digit's codes in each coordinate.
It therefore always lies in the support of the codes. Rules of thumb are the algorithm of `relations` and `rule_points`.

Points far outside the codes decode to values far above 1. On the scale `unit`, values are clipped into [0, 1], as
reconstructions are; on the scale `own`, they run from the lowest to the highest of the image, as Matplotlib draws an
image unless told otherwise. `SCALES` says on which scale the points of a source are shown and read.
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

SCALES = {"published": "own", "rule": "own", "rule_near": "unit", "mean": "unit", "median": "unit"}
LEVELS = {0.0: "0", 0.5: "\u00bd", 1.0: "1"}

Point = tuple[str, int, np.ndarray, str]  # source, class number, code (k,), relation in words


def relations(means: np.ndarray) -> np.ndarray:
    """Read a rule of thumb off the mean code of each class: which numbers are large, half as large, or small.

    Each number is divided by the largest of its mean code, and the ratio is rounded to the nearest half: 1 is large,
    1/2 is half as large, 0 is small. Negative numbers, which a ReLU code does not have, keep their sign.

    Parameters
    ----------
    means : np.ndarray
        Mean codes (classes, k).

    Returns
    -------
    np.ndarray
        Relations (classes, k): multiples of 1/2 in [-1, 1].
    """
    largest = np.abs(means).max(axis=1, keepdims=True)
    return np.rint(2 * means / np.maximum(largest, 1e-12)) / 2 + 0.0  # + 0.0: no negative zeros


def rule_points(means: np.ndarray) -> dict[str, np.ndarray]:
    """Build a point for each class from nothing but its relation and a size.

    Parameters
    ----------
    means : np.ndarray
        Mean codes (classes, k).

    Returns
    -------
    dict of str to np.ndarray
        Points (classes, k) of two sizes. `rule`: the largest number of every point is the largest of all mean codes, as
        with the published points. `rule_near`: it is the largest of the class's own mean code.
    """
    largest = np.abs(means).max(axis=1, keepdims=True)
    return {"rule": relations(means) * largest.max(), "rule_near": relations(means) * largest}


def in_words(relation: np.ndarray) -> str:
    """Write a relation (k,) as in `1 1 \u00bd \u00bd`."""
    return " ".join(("-" if level < 0 else "") + LEVELS[abs(float(level))] for level in relation)


def derived_points(codes: np.ndarray, labels: np.ndarray) -> list[Point]:
    """Compute the points that follow from the codes of each digit: median, mean, and those by the rules of thumb.

    Parameters
    ----------
    codes : np.ndarray
        Codes (n, k).
    labels : np.ndarray
        Class numbers (n,).

    Returns
    -------
    list of Point
        The points, class by class. The relation is empty for the median.
    """
    digits, codes = np.unique(labels), np.asarray(codes, np.float64)
    means = np.stack([codes[labels == digit].mean(axis=0) for digit in digits])
    built, points = {"mean": means, **rule_points(means)}, []
    for n, digit in enumerate(digits):
        own = codes[labels == digit]
        nearest = ((own - np.median(own, axis=0)) ** 2).sum(axis=1).argmin()
        relation = in_words(relations(means)[n])
        points.append(("median", int(digit), own[nearest], ""))
        points += [(source, int(digit), several[n], relation) for source, several in built.items()]
    return points


def scaled(images: np.ndarray, scale: str) -> np.ndarray:
    """Bring images (n, pixels) into [0, 1]: clipped (`unit`), or from the lowest to the highest value of each (`own`).

    An image that is the same everywhere becomes 0 on its own scale.
    """
    if scale == "unit":
        return np.clip(images, 0, 1)
    lowest, highest = images.min(axis=1, keepdims=True), images.max(axis=1, keepdims=True)
    return (images - lowest) / np.maximum(highest - lowest, np.float32(1e-12))


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
    model: trained.Model, judge: Judge, points: list[Point], codes: np.ndarray, data: Shown
) -> tuple[pd.DataFrame, np.ndarray]:
    """Decode the points of one model.

    Parameters
    ----------
    model : trained.Model
        The model.
    judge : Judge
        The classifier that reads the decoded images.
    points : list of Point
        The points.
    codes : np.ndarray
        Codes of the training images (n, k).
    data : Shown
        Names of the classes.

    Returns
    -------
    table : pd.DataFrame
        One row per point, without the name of the model.
    images : np.ndarray
        Decoded images (points, pixels) in [0, 1] on the scale of their source, float32.
    """
    coordinates = np.array([code for _, _, code, _ in points], np.float32)
    decoded = model.decode(coordinates)
    on_scale = {scale: scaled(decoded, scale) for scale in ("unit", "own")}
    readings = {scale: judge.read(images) for scale, images in on_scale.items()}
    own = np.array([SCALES[source] == "own" for source, *_ in points])
    table = pd.DataFrame(
        {
            "source": [source for source, *_ in points],
            "digit": [data.name(digit) for _, digit, *_ in points],
            "relation": [relation for *_, relation in points],
            "read_as": data.names(np.where(own, readings["own"][0], readings["unit"][0])),
            "confidence": np.where(own, readings["own"][1], readings["unit"][1]),
            "scale": np.where(own, "own", "unit"),
            "read_as_on_other_scale": data.names(np.where(own, readings["unit"][0], readings["own"][0])),
            "distance_to_codes": distance_to_codes(coordinates, codes),
        }
    )
    for n in range(coordinates.shape[1]):
        table[f"code_{n + 1}"] = coordinates[:, n]
    return table, np.where(own[:, None], on_scale["own"], on_scale["unit"])


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
                ("published", point["digit"], np.array(point["code"], np.float64), "")
                for point in spec["published_points"].get(member["name"], [])
            ]
            table, decoded = decode(read_model(path), judge, points, codes, Shown.of(spec))
            table.insert(0, "model", member["name"])
            tables.append(table)
            images.append(decoded)
        write_table(snakemake.output.table, pd.concat(tables, ignore_index=True))
        write_arrays(snakemake.output.images, {"images": np.concatenate(images)})

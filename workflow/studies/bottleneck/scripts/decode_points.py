"""Decode chosen points of the code: each digit's median, each digit's mean, and the points published.

In: codes of the training images, labels, weights of the models and of the judge. Out: a table with a
row a point (model, source, digit, code, what the judge reads and how surely, distance to the nearest
training code in units of the codes' own median distance to their nearest neighbour) and an `.npz` file
of the decoded images (points, pixels) in the same order.

The median of a digit is the code of the training image nearest to the median of that digit's codes
in each coordinate: a point inside the support of the codes by construction.
"""

import numpy as np
import pandas as pd
from sklearn.neighbors import NearestNeighbors

from aelab.data import datasets, idx
from aelab.data.shown import Shown
from aelab.files.arrays import read_array
from aelab.files.atomic import write_arrays, write_table
from aelab.inference import trained
from aelab.jobs import frame
from aelab.plan import specs


def derived_points(codes, labels):
    """Rows (source, digit, code) of each digit's median and mean; codes (n, k), labels (n,)."""
    points = []
    for digit in np.unique(labels):
        own = np.asarray(codes[labels == digit], np.float64)
        nearest = ((own - np.median(own, axis=0)) ** 2).sum(axis=1).argmin()
        points += [("median", int(digit), own[nearest]), ("mean", int(digit), own.mean(axis=0))]
    return points


def distance_to_codes(points, codes, sample=2000):
    """Distance of each point to the nearest code, over the median of that distance among the codes themselves."""
    index = NearestNeighbors(n_neighbors=2).fit(codes)
    spacing = np.median(index.kneighbors(codes[:sample])[0][:, 1])
    return index.kneighbors(points, n_neighbors=1)[0][:, 0] / max(spacing, 1e-12)


def decode(model, judge, points, codes, data):
    """The table of one model's points, with the names of the classes, and their images."""
    coordinates = np.array([code for *_, code in points], np.float32)
    images = model.decode(coordinates)
    probabilities = judge.encode(np.clip(images, 0, 1))
    table = pd.DataFrame([(source, data.name(digit)) for source, digit, _ in points], columns=["source", "digit"])
    table["read_as"] = data.names(probabilities.argmax(1))
    table["confidence"] = probabilities.max(1)
    table["distance_to_codes"] = distance_to_codes(coordinates, codes)
    for n in range(coordinates.shape[1]):
        table[f"code_{n + 1}"] = coordinates[:, n]
    return table, images


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        labels = idx.read_labels(snakemake.input.labels)
        judge = trained.read(snakemake.input.judge)
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
            table, decoded = decode(trained.read(path), judge, points, codes, Shown.of(spec))
            table.insert(0, "model", member["name"])
            tables.append(table)
            images.append(decoded)
        write_table(snakemake.output.table, pd.concat(tables, ignore_index=True))
        write_arrays(snakemake.output.images, {"images": np.concatenate(images)})

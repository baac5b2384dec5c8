"""Measure what the decoders make of the plane: the models as generators, compared.

In: the grids of `decode_plane_grids`, the codes of all images, training images. Out: `generators.csv`, a
row a model and grid: share of the grid's cells that hold a code, mean confidence of the judge, share that it
reads surely, how many digits those are and the share of the commonest among all cells, mean Euclidean
distance to the nearest training image.
"""

import numpy as np
import pandas as pd

from aelab.analysis import neighbours, normal
from aelab.data import datasets, idx
from aelab.data.shown import Shown
from aelab.files.arrays import read_array, read_arrays
from aelab.files.atomic import write_table
from aelab.jobs import frame
from aelab.plan import specs

SURE = 0.9


def cells_with_codes(codes, values):
    """Share of the cells around grid values (2, side), evenly spaced, that hold one of the codes (n, 2) or more."""
    edges = []
    for line in values:
        half = (line[1] - line[0]) / 2
        edges.append(np.append(line - half, line[-1] + half))
    counts, *_ = np.histogram2d(codes[:, 0], codes[:, 1], bins=edges)
    return float((counts > 0).mean())


def row(name, grid, arrays, codes, train, data):
    """One row of the table; codes (n, 2), training images as uint8."""
    points, images = arrays["points"], arrays["images"]
    values = np.array([points[0, :, 0], points[:, 0, 1]])
    if grid == "quantiles":  # where the cells are equal in size
        codes, values = normal.cumulative(codes), normal.cumulative(values)
    sure = arrays["confidence"] >= SURE
    counts = np.bincount(arrays["read_as"].ravel(), minlength=len(data.classes))
    return {
        "model": name,
        "grid": grid,
        "cells_with_codes": cells_with_codes(codes, values),
        "confidence": arrays["confidence"].mean(),
        "surely_read": sure.mean(),
        "digits_surely_read": len(np.unique(arrays["read_as"][sure])),
        "commonest_digit": data.name(counts.argmax()),
        "commonest_share": counts.max() / counts.sum(),
        "distance": neighbours.nearest_image_distances(
            datasets.unit(images.reshape(-1, images.shape[-1])), train
        ).mean(),
    }


if "snakemake" in globals():
    with frame.job(snakemake):
        grids = read_arrays(snakemake.input.grids)
        train = idx.read_images(snakemake.input.train_images)
        spec, rows = specs.parse(snakemake.params.spec), []
        for member, *paths in zip(
            spec["members"],
            snakemake.input.train_codes,
            snakemake.input.test_codes,
            strict=True,
        ):
            codes = np.concatenate([read_array(path, (None, 2)) for path in paths])
            for grid in ("corners", "quantiles"):
                start = f"{member['name']}.{grid}_"
                arrays = {key.removeprefix(start): array for key, array in grids.items() if key.startswith(start)}
                if arrays:
                    rows.append(row(member["name"], grid, arrays, codes, train, Shown.of(spec)))
        write_table(snakemake.output[0], pd.DataFrame(rows))

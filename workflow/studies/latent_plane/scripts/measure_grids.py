"""Compare the models of the plane as generators, by what their decoders make of the grids of codes.

Inputs: the grids of `decode_plane_grids`; the codes of all images; training images.

Outputs: `generators.csv`, one row per model and grid: the share of the grid's cells that contain a code, the judge's
mean confidence, the share of images it reads surely, how many different digits those show, the commonest digit of all
cells and its share, and the mean Euclidean distance to the nearest training image.
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


def cells_with_codes(codes: np.ndarray, values: np.ndarray) -> float:
    """Compute the share of a grid's cells that contain at least one code.

    Parameters
    ----------
    codes : np.ndarray
        Codes (n, 2).
    values : np.ndarray
        Evenly spaced grid values of both coordinates (2, side), the centres of the cells.

    Returns
    -------
    float
        A share in [0, 1].
    """
    edges = []
    for line in values:
        half = (line[1] - line[0]) / 2
        edges.append(np.append(line - half, line[-1] + half))
    counts, *_ = np.histogram2d(codes[:, 0], codes[:, 1], bins=edges)
    return float((counts > 0).mean())


def row(name: str, grid: str, arrays: dict[str, np.ndarray], codes: np.ndarray, train: np.ndarray, data: Shown) -> dict:
    """Compute the row of the table for one model and grid.

    Parameters
    ----------
    name : str
        The model.
    grid : {"corners", "quantiles"}
        The grid.
    arrays : dict of str to np.ndarray
        The arrays of the grid: `points`, `images`, `read_as` and `confidence`.
    codes : np.ndarray
        Codes of all images (n, 2).
    train : np.ndarray
        Training images (m, pixels), uint8.
    data : Shown
        Names of the classes.

    Returns
    -------
    dict
        The values of the row by column name.
    """
    points, images = arrays["points"], arrays["images"]
    values = np.array([points[0, :, 0], points[:, 0, 1]])
    if grid == "quantiles":  # in these units, all cells are of equal size
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

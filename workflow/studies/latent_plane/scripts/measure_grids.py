"""Compare the models of the plane as generators, by what their decoders make of the grids of codes.

Inputs: the grids of `decode_plane_grids`; the codes of all images; training images.

Outputs: `generators.csv`, one row per model and grid: the share of the grid's cells that contain a code; the judge's
mean confidence; the share of images it reads surely, of all cells, of those with codes and of those without; how many
different digits those show, and how many images of each; the commonest digit of all cells and its share, and those of
the third of the cells at each side; how the ink of an image goes with its column and its row (rank correlations); and
the mean Euclidean distance to the nearest training image.
"""

import numpy as np
import pandas as pd

from aelab.analysis import neighbours, normal, significance
from aelab.data import datasets, idx
from aelab.data.shown import Shown
from aelab.files.arrays import read_array, read_arrays
from aelab.files.atomic import write_table
from aelab.jobs import frame
from aelab.plan import specs

SURE = 0.9


def cells_with_codes(codes: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Find the cells of a grid that contain at least one code.

    Parameters
    ----------
    codes : np.ndarray
        Codes (n, 2).
    values : np.ndarray
        Evenly spaced grid values of both coordinates (2, side), the centres of the cells.

    Returns
    -------
    np.ndarray
        Booleans (side, side); rows go by increasing second number, columns by increasing first number.
    """
    edges = []
    for line in values:
        half = (line[1] - line[0]) / 2
        edges.append(np.append(line - half, line[-1] + half))
    counts, *_ = np.histogram2d(codes[:, 0], codes[:, 1], bins=edges)
    return counts.T > 0


def mean_of(values: np.ndarray, where: np.ndarray) -> float:
    """Compute the mean of values where a mask of the same shape is true; NaN if it nowhere is."""
    return float(values[where].mean()) if where.any() else float("nan")


def at_the_sides(read_as: np.ndarray, data: Shown) -> dict[str, str]:
    """Find the commonest class in the third of the cells at each side of a grid.

    Parameters
    ----------
    read_as : np.ndarray
        Class numbers (side, side), rows by increasing second number, columns by increasing first number.
    data : Shown
        Names of the classes.

    Returns
    -------
    dict of str to str
        Names of classes; `top` is where the second number is largest.
    """
    third = max(len(read_as) // 3, 1)
    sides = {
        "left": read_as[:, :third],
        "right": read_as[:, -third:],
        "top": read_as[-third:],
        "bottom": read_as[:third],
    }
    return {f"{side}_digit": data.name(np.bincount(cells.ravel()).argmax()) for side, cells in sides.items()}


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
    sure, filled = arrays["confidence"] >= SURE, cells_with_codes(codes, values)
    ink = images.mean(-1)
    rows, columns = np.indices(ink.shape)
    counts = np.bincount(arrays["read_as"].ravel(), minlength=len(data.classes))
    return {
        "model": name,
        "grid": grid,
        "cells_with_codes": filled.mean(),
        "confidence": arrays["confidence"].mean(),
        "surely_read": sure.mean(),
        "surely_read_with_codes": mean_of(sure, filled),
        "surely_read_without_codes": mean_of(sure, ~filled),
        "digits_surely_read": len(np.unique(arrays["read_as"][sure])),
        "commonest_digit": data.name(counts.argmax()),
        "commonest_share": counts.max() / counts.sum(),
        **at_the_sides(arrays["read_as"], data),
        "ink_to_the_right": significance.rank_correlation(columns.ravel(), ink.ravel()),
        "ink_upwards": significance.rank_correlation(rows.ravel(), ink.ravel()),
        "distance": neighbours.nearest_image_distances(
            datasets.unit(images.reshape(-1, images.shape[-1])), train
        ).mean(),
        **{
            f"surely_read_as_{name}": int((sure & (arrays["read_as"] == n)).sum())
            for n, name in enumerate(data.classes)
        },
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

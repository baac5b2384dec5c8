"""Decode a grid of codes with every model of the plane.

Inputs: weights of the study's models of the plane and of the judge; the codes of all images.

Outputs: an `.npz` file with, for each model and grid, `<model>.<grid>_points` (side, side, 2), `<model>.<grid>_images`
(side, side, pixels) as uint8, and `<model>.<grid>_read_as` and `<model>.<grid>_confidence` (side, side). Rows go by
increasing second number of the code, columns by increasing first number.

The grid `corners` spans the codes of all images with equal spacing. Variational models also have the grid `quantiles`,
whose values are the quantiles (n - 1/2) / side of the prior.
"""

import numpy as np

from aelab.analysis import normal
from aelab.files.arrays import read_array
from aelab.files.atomic import write_arrays
from aelab.inference import trained
from aelab.inference.judge import Judge
from aelab.jobs import frame
from aelab.kinds.models import read_model
from aelab.plan import specs


def corners(codes: np.ndarray, side: int) -> np.ndarray:
    """Space grid values equally from the smallest to the largest code.

    A coordinate that is constant is extended by one in either direction.

    Parameters
    ----------
    codes : np.ndarray
        Codes (n, 2).
    side : int
        Number of values along each axis.

    Returns
    -------
    np.ndarray
        Grid values of both coordinates (2, side), float64.
    """
    low, high = codes.min(0).astype(np.float64), codes.max(0).astype(np.float64)
    flat = high - low < 1e-6
    return np.linspace(low - flat, high + flat, side).T


def decoded(model: trained.Model, judge: Judge, values: np.ndarray) -> dict[str, np.ndarray]:
    """Decode one grid, and read the images with the judge.

    Parameters
    ----------
    model : trained.Model
        A model with codes of two numbers.
    judge : Judge
        The classifier that reads the decoded images.
    values : np.ndarray
        Grid values of both coordinates (2, side).

    Returns
    -------
    dict of str to np.ndarray
        The arrays of the grid, under names without the prefix `<model>.<grid>_`.
    """
    points = np.stack(np.meshgrid(*values), axis=-1)
    side = len(points)
    images = model.decode(points.reshape(-1, 2).astype(np.float32))
    read_as, confidence = judge.read(images)
    return {
        "points": points,
        "images": np.rint(np.clip(images, 0, 1) * 255).astype(np.uint8).reshape(side, side, -1),
        "read_as": read_as.reshape(side, side),
        "confidence": confidence.reshape(side, side),
    }


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        judge = Judge(read_model(snakemake.input.judge))
        arrays = {}
        for member, path, train, test in zip(
            spec["members"],
            snakemake.input.weights,
            snakemake.input.train_codes,
            snakemake.input.test_codes,
            strict=True,
        ):
            model = read_model(path)
            codes = np.concatenate([read_array(file, (None, 2)) for file in (train, test)])
            grids = {"corners": corners(codes, spec["grid_side"])}
            if isinstance(model, trained.Variational):
                grids["quantiles"] = np.tile(normal.middles(spec["grid_side"]), (2, 1))
            for grid, values in grids.items():
                named = decoded(model, judge, values)
                arrays |= {f"{member['name']}.{grid}_{key}": array for key, array in named.items()}
        write_arrays(snakemake.output[0], arrays)

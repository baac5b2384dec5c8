"""Measure whether the walks of the denoising study converge, and where they end.

Inputs: the walks of `iterate_reconstructions`; test images; the split.

Outputs: a table with one row per model and iteration; and an `.npz` file with `distances` (models, 2, n), Euclidean, of
each end to the nearest held-out test digit, `nearest` (models, 2, n), the row number of that digit, and
`real_distances` (m,), of test digits to the nearest other one.

Columns of the table:

- `residual_start`, `residual_end` and `residual_real`: medians of ||r(x) - x|| at the start, at the end and for real
  digits;
- `moved`: median distance covered in the last two steps, 0 at a fixed point and in a cycle of two;
- `converged`: share of the starts whose end has an ||r(x) - x|| no larger than the median of real digits;
- `near`: share whose end is no farther from a held-out digit than 95 % of real digits are from the nearest other one;
- `sure`: share whose end the judge reads with a confidence of at least 0.9;
- `arrived`: share that is converged, near and sure;
- `digits_read`, `digits_reached`: numbers of different digits that the judge reads in all ends and in those that
  arrived;
- `spread`: root mean squared distance between two ends, divided by that between two digits; 0 if all ends are equal.
"""

import numpy as np
import pandas as pd

from aelab.analysis import iterations
from aelab.analysis.neighbours import nearest_images
from aelab.data import datasets, idx
from aelab.files.arrays import read_arrays
from aelab.files.atomic import write_arrays, write_table
from aelab.jobs import frame
from aelab.plan import specs

REAL = 1000


def mean_distance(images: np.ndarray) -> float:
    """Compute the root mean squared Euclidean distance between two of the images (n, d)."""
    return float(np.sqrt(2 * np.asarray(images, np.float64).var(axis=0, ddof=1).sum()))


def distances(ends: np.ndarray, digits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find the real digit nearest to each end.

    Parameters
    ----------
    ends : np.ndarray
        Ends of the walks (models, 2, n, pixels); pixels are clipped to [0, 1].
    digits : np.ndarray
        Held-out test images (m, pixels) with pixels in [0, 1].

    Returns
    -------
    distances : np.ndarray
        Euclidean distances (models, 2, n), float64.
    rows : np.ndarray
        Row numbers of the nearest digits (models, 2, n), int64.
    """
    flat, rows = nearest_images(np.clip(ends, 0, 1).reshape(-1, ends.shape[-1]), digits)
    return flat.reshape(ends.shape[:3]), rows.reshape(ends.shape[:3])


def measured(
    walks: dict[str, np.ndarray], found: np.ndarray, real: np.ndarray, digits: np.ndarray, number: int, iteration: int
) -> dict:
    """Compute the row of the table for one model and iteration.

    Parameters
    ----------
    walks : dict of str to np.ndarray
        The arrays that `iterate_reconstructions` writes.
    found : np.ndarray
        Distance of each end to the nearest held-out digit (models, 2, n).
    real : np.ndarray
        Distance of real digits to the nearest other one.
    digits : np.ndarray
        Held-out test images (m, pixels).
    number : int
        Index of the model.
    iteration : int
        Index of the iteration.

    Returns
    -------
    dict
        The values of the row by column name.
    """
    lengths, real_lengths = walks["residuals"][number, iteration], walks["real_residuals"][number]
    converged = lengths[-1] <= np.median(real_lengths)
    near = found[number, iteration] <= np.quantile(real, 0.95)
    sure = walks["confidence"][number, iteration] >= 0.9
    arrived, read_as = converged & near & sure, walks["read_as"][number, iteration]
    return {
        "starts": len(read_as),
        "residual_start": np.median(lengths[0]),
        "residual_end": np.median(lengths[-1]),
        "residual_real": np.median(real_lengths),
        "moved": np.median(walks["moved"][number, iteration]),
        "distance_end": np.median(found[number, iteration]),
        "distance_real": np.median(real),
        "confidence": np.median(walks["confidence"][number, iteration]),
        "converged": converged.mean(),
        "near": near.mean(),
        "sure": sure.mean(),
        "arrived": arrived.mean(),
        "digits_read": len(np.unique(read_as)),
        "digits_reached": len(np.unique(read_as[arrived])),
        "spread": mean_distance(walks["ends"][number, iteration]) / mean_distance(digits),
    }


if "snakemake" in globals():
    with frame.job(snakemake):
        members = specs.parse(snakemake.params.spec)["members"]
        walks = read_arrays(snakemake.input.walks)
        held_out = datasets.read_split(snakemake.input.split)["test"]
        digits = datasets.unit(idx.read_images(snakemake.input.images)[held_out])
        real, _ = nearest_images(digits[:REAL], digits, itself=True)
        found, rows = distances(walks["ends"], digits)
        table = [
            {
                **{key: member[key] for key in ("name", "group")},
                "iteration": name,
                **measured(walks, found, real, digits, number, iteration),
            }
            for number, member in enumerate(members)
            for iteration, name in enumerate(iterations.ITERATIONS)
        ]
        write_table(snakemake.output.table, pd.DataFrame(table))
        write_arrays(snakemake.output.distances, {"distances": found, "nearest": rows, "real_distances": real})

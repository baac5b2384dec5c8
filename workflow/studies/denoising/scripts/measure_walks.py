"""Does the iteration converge, and to what? Measure the walks of the denoising study.

In: the walks of `iterate_reconstructions`, test images. Out: a table with a row a model and iteration, and
an `.npz` file with `distances` (models, 2, n), Euclidean, of each end to the nearest held-out test digit,
`nearest` (models, 2, n), that digit's row, and `real_distances` (m,), of test digits to their nearest other.

Columns: medians of ||r(x) - x|| at the start, at the end and for real digits; `moved`, the median distance
covered in the last two steps, 0 at a fixed point and in a cycle of two; `converged`, the share of the
starts whose end has no larger ||r(x) - x|| than half of the real digits; `near`, the share whose end is no
farther from a held-out digit than 95 % of the real ones are from another; `sure`, the share that the judge
reads with at least 90 % confidence; `arrived`, the share with all three; `digits_read`, different digits that
the judge reads in all ends; `digits_reached`, in those that arrived; `spread`, the mean distance between two
ends over that between two digits, 0 where all starts end in one image.
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


def mean_distance(images):
    """Root of the mean squared Euclidean distance between two of the images (n, d)."""
    return float(np.sqrt(2 * np.asarray(images, np.float64).var(axis=0, ddof=1).sum()))


def distances(ends, digits):
    """Distances of the ends (models, 2, n, pixels) to the nearest digit and that digit's row."""
    flat, rows = nearest_images(np.clip(ends, 0, 1).reshape(-1, ends.shape[-1]), digits)
    return flat.reshape(ends.shape[:3]), rows.reshape(ends.shape[:3])


def measured(walks, found, real, digits, number, iteration):
    """The numbers of one model and one iteration."""
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

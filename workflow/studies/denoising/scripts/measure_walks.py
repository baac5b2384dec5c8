"""Measure whether the walks of the denoising study converge, and where they end.

Inputs: the walks of `iterate_reconstructions`; weights of the judge; test images and labels; the split.

Outputs: a table with one row per model, picture (`iterations.PICTURES`) and length (short, long); and an `.npz` file
with, by model, picture, length and start, `distances` (models, 4, 2, n), Euclidean, of each picture to the nearest
held-out test digit, `nearest`, the row number of that digit, `read_as` and `confidence`, how the judge reads it; and
`real_distances` (m,), of test digits to the nearest other one.

A picture is an end as it is shown: scaled to [0, 1] after the published iteration, clipped after the score iteration.
Columns of the table:

- `target`: number of the class to visit;
- `residual_start`, `residual_end` and `residual_real`: medians of ||r(x) - x|| at the start, at the end and for real
  digits; `residual_shown`: of ||r(p) - p|| for what is shown of the end;
- `moved`: median distance covered in the last two steps, 0 at a fixed point and in a cycle of two;
- `converged`: share of the starts whose end has an ||r(x) - x|| no larger than the median of real digits;
- `near`: share whose picture is no farther from a held-out digit than 95 % of real digits are from the nearest other
  one;
- `sure`: share whose picture the judge reads with a confidence of at least 0.9;
- `arrived`: share that is converged, near and sure;
- `read_as_target`, `visited`: shares of all, and of those that arrived, that are read as the digit to visit;
- `distance_end`, `distance_real`, `distance_target`: medians of the distance from a picture to the nearest held-out
  digit, from real digits to the nearest other one, and from a picture to r(m);
- `like_target`: mean correlation of a picture with r(m);
- `digits_read`, `digits_reached`: numbers of different digits that the judge reads in all pictures and in those that
  arrived;
- `spread`: root mean squared distance between two pictures, divided by that between two digits; 0 if all pictures are
  equal; `spread_of_target`: divided by that between two digits of the class to visit.
"""

import numpy as np
import pandas as pd

from aelab.analysis import iterations
from aelab.analysis.neighbours import nearest_images
from aelab.data import datasets
from aelab.files.arrays import read_arrays
from aelab.files.atomic import write_arrays, write_table
from aelab.inference.judge import Judge
from aelab.jobs import frame
from aelab.kinds.models import read_model
from aelab.plan import specs

REAL = 1000


def measured(
    walks: dict[str, np.ndarray],
    shown: np.ndarray,
    found: dict[str, np.ndarray],
    real: np.ndarray,
    spreads: tuple[float, float],
    place: tuple[int, int, int],
) -> dict:
    """Compute one row of the table.

    Parameters
    ----------
    walks : dict of str to np.ndarray
        The arrays that `iterate_reconstructions` writes.
    shown : np.ndarray
        The pictures (models, 4, 2, n, pixels).
    found : dict of str to np.ndarray
        `distances`, `read_as` and `confidence` (models, 4, 2, n).
    real : np.ndarray
        Distance of real digits to the nearest other one.
    spreads : tuple of float
        Mean distance between two digits, and between two digits of the class to visit.
    place : tuple of int
        Indices of the model, the picture and the length.

    Returns
    -------
    dict
        The values of the row by column name.
    """
    model, picture, length = place
    walk = iterations.WALKS.index(list(iterations.PICTURES.values())[picture][0])
    steps = int(walks["lengths"][length])
    lengths, real_lengths = walks["residuals"][model, walk], walks["real_residuals"][model]
    distances, read_as, confidence = (found[name][place] for name in ("distances", "read_as", "confidence"))
    converged = lengths[steps] <= np.median(real_lengths)
    near, sure = distances <= np.quantile(real, 0.95), confidence >= 0.9
    arrived, target = converged & near & sure, iterations.as_shown(walks["targets"][model])
    images, digit = shown[place], int(walks["digit"])
    return {
        "steps": steps,
        "starts": len(read_as),
        "target": digit,
        "residual_start": np.median(lengths[0]),
        "residual_end": np.median(lengths[steps]),
        "residual_real": np.median(real_lengths),
        "residual_shown": np.median(walks["picture_residuals"][place]),
        "moved": np.median(walks["moved"][model, walk, length]),
        "distance_end": np.median(distances),
        "distance_real": np.median(real),
        "distance_target": np.median(iterations.residuals(images, target)),
        "like_target": iterations.correlations(images, target).mean(),
        "confidence": np.median(confidence),
        "converged": converged.mean(),
        "near": near.mean(),
        "sure": sure.mean(),
        "arrived": arrived.mean(),
        "read_as_target": (read_as == digit).mean(),
        "visited": (arrived & (read_as == digit)).mean(),
        "digits_read": len(np.unique(read_as)),
        "digits_reached": len(np.unique(read_as[arrived])),
        "spread": iterations.mean_distance(images) / spreads[0],
        "spread_of_target": iterations.mean_distance(images) / spreads[1],
    }


if "snakemake" in globals():
    with frame.job(snakemake):
        members = specs.parse(snakemake.params.spec)["members"]
        walks = read_arrays(snakemake.input.walks)
        held_out = datasets.read_split(snakemake.input.split)["test"]
        raw, labels = datasets.read_labelled(snakemake.input.images, snakemake.input.labels)
        digits = datasets.unit(raw[held_out])
        of_class = digits[labels[held_out] == walks["digit"]]
        spreads = (iterations.mean_distance(digits), iterations.mean_distance(of_class))
        real, _ = nearest_images(digits[:REAL], digits, itself=True)
        shown = np.stack([iterations.pictures(ends) for ends in walks["ends"]])
        distances, nearest = (
            each.reshape(shown.shape[:-1]) for each in nearest_images(shown.reshape(-1, shown.shape[-1]), digits)
        )
        read_as, confidence = Judge(read_model(snakemake.input.judge)).read(shown)
        found = {"distances": distances, "nearest": nearest, "read_as": read_as, "confidence": confidence}
        rows = [
            {
                **{key: member[key] for key in ("name", "group")},
                "picture": name,
                "length": length,
                **measured(walks, shown, found, real, spreads, (number, picture, at)),
            }
            for number, member in enumerate(members)
            for picture, name in enumerate(iterations.PICTURES)
            for at, length in enumerate(iterations.LENGTHS)
        ]
        write_table(snakemake.output.table, pd.DataFrame(rows))
        write_arrays(snakemake.output.distances, {**found, "real_distances": real})

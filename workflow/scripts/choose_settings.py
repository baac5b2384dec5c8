"""Choose the settings of a model by its loss on validation images.

Inputs: the history of every training of a search.

Outputs: a table with one row per point of the grid: the model, the value of each key of the grid, the loss on the
validation images after the last epoch (mean over seeds, with the ends of its interval; empty for a single seed), the
number of seeds, and whether the point is chosen: the one with the lowest mean, the first of equal ones.
"""

import itertools
import math
from typing import Any

import pandas as pd

from aelab.analysis import intervals
from aelab.files.atomic import write_table
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs


def chosen(grid: dict[str, list[Any]], points: list[dict[str, Any]], losses: list[list[float]]) -> pd.DataFrame:
    """Return the table of a search.

    Parameters
    ----------
    grid : dict
        The values of each key.
    points : list of dict
        The model at each point of the grid, in the order of the product of its axes sorted by key: `model`.
    losses : list of list of float
        The validation losses of each point, one per seed.
    """
    axes = sorted(grid.items())
    rows = []
    for values, point, found in zip(itertools.product(*(choices for _, choices in axes)), points, losses, strict=True):
        interval = intervals.over_runs(found)
        ends = (interval.low, interval.high) if math.isfinite(interval.low) else (None, None)
        settings = {key: str(value) for (key, _), value in zip(axes, values, strict=True)}
        measured = dict(
            zip(("validation_loss", "low", "high", "seeds"), (interval.mean, *ends, len(found)), strict=True)
        )
        rows.append({"model": point["model"], **settings, **measured})
    table = pd.DataFrame(rows)
    table["chosen"] = False
    table.loc[table["validation_loss"].idxmin(), "chosen"] = True
    return table


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        files = iter(snakemake.input.histories)
        losses = [
            [float(read_table(next(files), ["validation_loss"])["validation_loss"].iloc[-1]) for _ in point["seeds"]]
            for point in spec["points"]
        ]
        write_table(snakemake.output[0], chosen(spec["grid"], spec["points"], losses))

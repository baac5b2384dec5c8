"""Tabulate what a sweep found, point by point.

Inputs: the metrics and the history of every training of the sweep.

Outputs: a table with one row per model of the sweep: the value of each swept key; the number of seeds; the loss on the
validation images after the last epoch (empty without validation images) and the measure of its kind of model, each as
the mean, the lowest and the highest over seeds; and whether it is the best, the one with the lowest mean loss on
validation images, the first of equal ones. A sweep without keys has one row per seed.
"""

from typing import Any

import pandas as pd

from aelab.files.atomic import write_table
from aelab.files.tables import read_metrics, read_table
from aelab.jobs import frame
from aelab.plan import specs


def tabulated(spec: dict[str, Any], losses: list[float | None], measured: list[float | None]) -> pd.DataFrame:
    """Return the table of a sweep.

    Parameters
    ----------
    spec : dict
        `keys`, the swept keys; `points`, each with `model`, `seeds` and the `values` of the keys; `measure`, the name
        of the metric; `judged`, which is `validation` if the best is to be named.
    losses, measured : list of float or None
        The loss on validation images and the metric of each training, point by point, seed by seed.
    """
    rows, position = [], 0
    for point in spec["points"]:
        own = slice(position, position := position + len(point["seeds"]))
        row = {"model": point["model"], **dict(zip(spec["keys"], point["values"], strict=True))}
        row["seeds"] = len(point["seeds"])
        row |= spread("validation_loss", losses[own] if spec["judged"] != "nothing" else [])
        rows.append(row | spread(spec["measure"], measured[own]))
    table = pd.DataFrame(rows)
    table["best"] = False
    if spec["judged"] == "validation":
        table.loc[table["validation_loss"].idxmin(), "best"] = True
    return table


def spread(name: str, values: list[float | None]) -> dict[str, float | None]:
    """Return the mean, the lowest and the highest of a point's values as columns; empty ones if a value is missing."""
    if not values or any(value is None or value != value for value in values):
        return dict.fromkeys((name, f"{name}_lowest", f"{name}_highest"))
    return {name: sum(values) / len(values), f"{name}_lowest": min(values), f"{name}_highest": max(values)}


def last_loss(history: pd.DataFrame) -> float | None:
    """Return the loss on the watched images after the last epoch; None for a model without epochs."""
    return float(history["validation_loss"].iloc[-1]) if len(history) else None


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        losses = [last_loss(read_table(path, ["validation_loss"])) for path in snakemake.input.histories]
        measured = [read_metrics(path).get(spec["measure"]) for path in snakemake.input.metrics]
        write_table(snakemake.output[0], tabulated(spec, losses, measured))

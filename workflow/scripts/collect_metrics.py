"""Collect the metrics of all models and seeds in one table.

Inputs: the metrics and the history of each run.

Outputs: `metrics.csv`, one row per model and seed: what the model is, number of parameters, epochs, losses of the last
epoch, test MSE on clean and on corrupted images, and further metrics of its kind of model.
"""

import pandas as pd

from aelab.files.atomic import write_table
from aelab.files.tables import read_metrics, read_table
from aelab.jobs import frame
from aelab.plan import specs

FIRST = [
    "model",
    "seed",
    "kind",
    "recipe",
    "description",
    "code_size",
    "parameters",
    "epochs",
    "precision",
    "training_loss",
    "validation_loss",
    "test_mse",
    "test_mse_corrupted",
]


def row(run: dict, metrics: dict, history: pd.DataFrame) -> dict:
    """Compute the row of one run.

    Parameters
    ----------
    run : dict
        What the model is: name, seed, kind, recipe and the like.
    metrics : dict
        Its metrics.
    history : pd.DataFrame
        Its history, empty for a model that is not trained by gradients.

    Returns
    -------
    dict
        The values of the row by column name.
    """
    last = history.iloc[-1] if len(history) else {}
    return {
        **run,
        "epochs": len(history),
        "training_loss": last.get("training_loss"),
        "validation_loss": last.get("validation_loss"),
        **metrics,
    }


def table(rows: list[dict]) -> pd.DataFrame:
    """Build the table: common columns first, then the others in the order in which they appear."""
    frame = pd.DataFrame(rows)
    for column in FIRST:
        if column not in frame:
            frame[column] = None
    return frame[FIRST + [column for column in frame if column not in FIRST]]


if "snakemake" in globals():
    with frame.job(snakemake):
        runs = specs.parse(snakemake.params.spec)["runs"]
        rows = [
            row(run, read_metrics(metrics), read_table(history, ["epoch", "training_loss", "validation_loss"]))
            for run, metrics, history in zip(runs, snakemake.input.metrics, snakemake.input.histories, strict=True)
        ]
        write_table(snakemake.output[0], table(rows))

"""One table of all models and seeds.

In: each run's metrics and history. Out: `metrics.csv`, a row a model and seed: what it is, parameters,
epochs, losses of the last epoch, test MSE clean and corrupted, and what else its kind calls for.
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


def row(run, metrics, history):
    """One row of the table from a run's entry, its metrics and its history."""
    last = history.iloc[-1] if len(history) else {}
    return {
        **run,
        "epochs": len(history),
        "training_loss": last.get("training_loss"),
        "validation_loss": last.get("validation_loss"),
        **metrics,
    }


def table(rows):
    """The rows as a table, the common columns first, the others in the order in which they appear."""
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

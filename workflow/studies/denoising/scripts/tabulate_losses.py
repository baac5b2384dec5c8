"""Set the training losses that were printed beside those measured here, epoch by epoch.

Inputs: the history of each model whose losses were printed.

Outputs: a table with one row per model and epoch: the printed and the measured training loss, and their ratio. Either
is empty where there is no such epoch.
"""

import pandas as pd

from aelab.files.atomic import write_table
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs

COLUMNS = ["model", "epoch", "printed", "measured", "measured_over_printed"]


def compared(model: str, printed: list[float], history: pd.DataFrame) -> pd.DataFrame:
    """Compare the losses of one training.

    Parameters
    ----------
    model : str
        Name of the model.
    printed : list of float
        The printed training loss after each epoch.
    history : pd.DataFrame
        The model's history here: columns `epoch` and `training_loss`.

    Returns
    -------
    pd.DataFrame
        One row per epoch.
    """
    printed = pd.Series(printed, range(1, 1 + len(printed)), dtype=float, name="printed")
    measured = history.set_index("epoch")["training_loss"].rename("measured")
    table = pd.concat([printed, measured], axis=1).rename_axis("epoch").reset_index()
    return table.assign(model=model, measured_over_printed=table["measured"] / table["printed"])[COLUMNS]


if "snakemake" in globals():
    with frame.job(snakemake):
        printed = specs.parse(snakemake.params.spec)["printed_losses"]
        tables = [
            compared(one["model"], one["losses"], read_table(path, ["epoch", "training_loss"]))
            for one, path in zip(printed, snakemake.input, strict=True)
        ]
        write_table(snakemake.output[0], pd.concat(tables) if tables else pd.DataFrame(columns=COLUMNS))

"""Compare denoisers that were trained on one amount of Gaussian noise with one that was trained on all amounts.

Inputs: the table of `tabulate_degradations`.

Outputs: a table with one row per model (the specialists, the blind one, the Wiener filter) and amount of Gaussian noise
that is not clipped: `name`, `trained_on` (empty for the blind model and for the Wiener filter, which is fitted to every
amount), `amount`, `mse`, `psnr`, `rank` among the trained models by MSE (1 is the best), and `behind`, by how many dB
its MSE is above that of the best of them.
"""

import numpy as np
import pandas as pd

from aelab.files.atomic import write_table
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs

NOISE = "gaussian"
COLUMNS = ["name", "trained_on", "amount", "mse", "psnr", "rank", "behind"]


def compared(table: pd.DataFrame, specialists: list[str], trained_on: list[float], blind: list[str]) -> pd.DataFrame:
    """Rank the models at every amount.

    Parameters
    ----------
    table : pd.DataFrame
        The table of `tabulate_degradations`.
    specialists : list of str
        Models that were trained on one amount each.
    trained_on : list of float
        These amounts, in the same order.
    blind : list of str
        The model that was trained on all amounts, if there is one.

    Returns
    -------
    pd.DataFrame
        The columns `COLUMNS`, model by model.
    """
    rows = table[table["kind"] == NOISE]
    models = rows[rows["name"].isin([*specialists, *blind])]
    by_amount = models.groupby("amount")
    models = models.assign(
        trained_on=models["name"].map(dict(zip(specialists, trained_on, strict=True))),
        rank=by_amount["mse"].rank(method="min"),
        behind=10 * np.log10(models["mse"] / by_amount["mse"].transform("min")),
    )
    order = [*specialists, *blind, "wiener_filter"]
    every = pd.concat([models, rows[rows["name"] == "wiener_filter"]])
    every = every.assign(place=every["name"].map(order.index)).sort_values(["place", "amount"])
    return every.reindex(columns=COLUMNS).reset_index(drop=True)


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        table = read_table(snakemake.input[0], ["name", "kind", "amount", "mse", "psnr"])
        write_table(snakemake.output[0], compared(table, spec["specialists"], spec["trained_on"], spec["blind"]))

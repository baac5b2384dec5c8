"""Set every model beside the references, for each kind and amount of degradation.

Inputs: the table of the references; the table of each model.

Outputs: one table with one row per model or reference, kind and amount: `name`, `group` (`references` for these),
`kind`, `amount`, `mse`, `psnr`, `accuracy`, and `gain`, the PSNR in dB beyond that of doing nothing.
"""

import pandas as pd

from aelab.files.atomic import write_table
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs

MEASURES = ["mse", "psnr", "accuracy"]
COLUMNS = ["name", "group", "kind", "amount", *MEASURES, "gain"]


def together(references: pd.DataFrame, members: list[dict], measured: list[pd.DataFrame]) -> pd.DataFrame:
    """Join the tables.

    Parameters
    ----------
    references : pd.DataFrame
        The table of `measure_references`.
    members : list of dict
        The models, with their `name` and `group`.
    measured : list of pd.DataFrame
        The table of `measure_degraded` for each of them, in the same order.

    Returns
    -------
    pd.DataFrame
        The columns `COLUMNS`.
    """
    tables = [references.assign(group="references")]
    tables += [table.assign(**member) for member, table in zip(members, measured, strict=True)]
    joined = pd.concat(tables, ignore_index=True)
    nothing = references[references["name"] == "nothing"].set_index(["kind", "amount"])["psnr"]
    places = pd.MultiIndex.from_frame(joined[["kind", "amount"]])
    return joined.assign(gain=joined["psnr"] - nothing.loc[places].to_numpy())[COLUMNS]


if "snakemake" in globals():
    with frame.job(snakemake):
        columns, paths = ["kind", "amount", *MEASURES], snakemake.input
        references = read_table(paths.references, ["name", *columns])
        measured = [read_table(path, columns) for path in paths.measured]
        members = specs.parse(snakemake.params.spec)["members"]
        write_table(snakemake.output[0], together(references, members, measured))

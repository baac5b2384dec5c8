"""Set every model beside the references, for each kind and amount of degradation.

Inputs: the table of the references; the table of each model.

Outputs: one table with one row per model or reference, kind and amount: `name`, `group` (`references` for these),
`kind`, `amount`, `mse`, `psnr`, `accuracy`; `gain`, by how many dB its MSE is below that of doing nothing; and `helps`,
1 if it is below that and below the MSE of the mean training image, which needs no look at the degraded image, else 0.

The gain is that of mean errors. A mean of the images' own PSNRs would be ruled by those that a small amount of masking
leaves as they are: their error is 0, and their PSNR has no limit.
"""

import numpy as np
import pandas as pd

from aelab.files.atomic import write_table
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs

MEASURES = ["mse", "psnr", "accuracy"]
COLUMNS = ["name", "group", "kind", "amount", *MEASURES, "gain", "helps"]
LEAST = 1e-12  # errors below it count as it: of few images, little masking may hit no pixel that is not black


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
    places = pd.MultiIndex.from_frame(joined[["kind", "amount"]])
    errors = references.set_index(["kind", "amount"])["mse"]
    nothing, mean = (
        errors[(references["name"] == name).to_numpy()].loc[places].to_numpy() for name in ("nothing", "mean_image")
    )
    gain = 10 * np.log10(np.maximum(nothing, LEAST) / np.maximum(joined["mse"], LEAST))
    helps = (joined["mse"] < np.minimum(nothing, mean)).astype(int)
    return joined.assign(gain=gain, helps=helps)[COLUMNS]


if "snakemake" in globals():
    with frame.job(snakemake):
        columns, paths = ["kind", "amount", *MEASURES], snakemake.input
        references = read_table(paths.references, ["name", *columns])
        measured = [read_table(path, columns) for path in paths.measured]
        members = specs.parse(snakemake.params.spec)["members"]
        write_table(snakemake.output[0], together(references, members, measured))

"""Write the caption of a sweep's figure and table, with numbers filled in from the table.

Inputs: the table of the sweep. The text is part of the spec.

Outputs: the caption in reStructuredText.
"""

from typing import Any

import pandas as pd

from aelab.files.atomic import write_text
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs
from aelab.report import measured
from aelab.report.claims import NOT_IN_THIS_RUN, Quantities


def words(table: pd.DataFrame, spec: dict[str, Any]) -> dict[str, Any]:
    """Return what the text may ask for as `data.<name>`.

    Parameters
    ----------
    table : pd.DataFrame
        The table of the sweep.
    spec : dict
        `base`, `keys` and `measure` of the sweep.
    """
    name, called = spec["measure"], measured.of(spec["measure"]).words
    found = {"points": len(table), "base": spec["base"], "keys": in_words([f"``{key}``" for key in spec["keys"]])}
    found |= {"measure": called, "measure_at_first": called[0].upper() + called[1:]}
    if table["seeds"].min() > 1:
        least, most = table["seeds"].min(), table["seeds"].max()
        found["seeds"] = f"{least}" if least == most else f"{least} to {most}"
    values = table[name].dropna()
    if len(values):
        found |= {"lowest": values.min(), "highest": values.max(), "mean": values.mean()}
        found |= {
            "lowest_model": table["model"][values.idxmin()],
            "highest_model": table["model"][values.idxmax()],
        }
    if table["best"].any():
        best = table[table["best"]].iloc[0]
        found["best"] = in_words([f"``{key}: {best[key]}``" for key in spec["keys"]])
        if best[name] == best[name]:
            found["of_best"] = best[name]
    return found


def in_words(items: list[str]) -> str:
    """Join items with commas and `and`."""
    *most, last = items
    return f"{', '.join(most)} and {last}" if most else last


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        table = read_table(snakemake.input[0], ["model", spec["measure"], "best"], text=spec["keys"])
        quantities = Quantities(pd.DataFrame({"model": []}), data=words(table, spec))
        write_text(snakemake.output[0], quantities.filled(spec["text"], NOT_IN_THIS_RUN) + "\n")

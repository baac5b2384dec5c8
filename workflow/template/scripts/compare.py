"""Compare the models of the study.

Inputs: the metrics of each model.

Outputs: a table with one row per model (name, group, error); and the study's answers, which claims and captions quote.
"""

import pandas as pd

from aelab.files.atomic import write_table
from aelab.files.tables import read_metrics
from aelab.jobs import frame
from aelab.plan import specs


def comparison(members: list[dict], metrics: list[dict], measure: str) -> pd.DataFrame:
    """Tabulate the error of each model.

    Parameters
    ----------
    members : list of dict
        The models of the study, with their `name` and `group`.
    metrics : list of dict
        The metrics of each model, in the same order.
    measure : str
        The metric that models are compared by.

    Returns
    -------
    pd.DataFrame
        The columns name, group and error, one row per model.
    """
    return pd.DataFrame(
        {**member, "error": measured[measure]} for member, measured in zip(members, metrics, strict=True)
    )


def answers(table: pd.DataFrame) -> pd.DataFrame:
    """Return the study's answers, a table with the columns answer and value."""
    return pd.DataFrame({"answer": ["lowest", "highest"], "value": [table["error"].min(), table["error"].max()]})


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        table = comparison(spec["members"], [read_metrics(path) for path in snakemake.input.metrics], spec["measure"])
        write_table(snakemake.output.table, table)
        write_table(snakemake.output.answers, answers(table))

"""Summarise what the runs of a study answered.

Inputs: the answers of each run.

Outputs: `answers.csv`, one row per answer: answer, mean over runs, low and high (the ends of the interval that holds
the true mean with 95 % confidence, empty for a single run), runs.
"""

import math

import pandas as pd

from aelab.analysis import intervals
from aelab.files.atomic import write_table
from aelab.files.tables import read_table
from aelab.jobs import frame


def summary(tables: list[pd.DataFrame]) -> pd.DataFrame:
    """Return the mean of every answer over runs with its interval.

    Parameters
    ----------
    tables : list of pandas.DataFrame
        The answers of each run: columns `answer` and `value`. An answer may be missing in some of them.
    """
    values: dict[str, list[float]] = {}
    for table in tables:
        for answer, value in zip(table["answer"], table["value"], strict=True):
            values.setdefault(answer, []).append(value)
    rows = []
    for answer, found in values.items():
        interval = intervals.over_runs(found)
        ends = (interval.low, interval.high) if math.isfinite(interval.low) else (None, None)
        rows.append((answer, interval.mean, *ends, interval.runs))
    return pd.DataFrame(rows, columns=["answer", "mean", "low", "high", "runs"])


if "snakemake" in globals():
    with frame.job(snakemake):
        write_table(snakemake.output[0], summary([read_table(path, ["answer", "value"]) for path in snakemake.input]))

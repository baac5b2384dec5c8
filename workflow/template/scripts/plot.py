"""Draw the comparison of the study.

Inputs: its table.

Outputs: one figure with one bar per model.
"""

import pandas as pd

from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs
from aelab.report import figures


def draw(table: pd.DataFrame, measure: str) -> figures.plt.Figure:
    """Draw one bar per row of the table, under a title that states the finding.

    Parameters
    ----------
    table : pd.DataFrame
        The columns name, group and error, one row per model.
    measure : str
        The metric that models are compared by.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    figure, axes = figures.plt.subplots(figsize=(6.5, 0.4 * len(table) + 1.2))
    colours = [figures.GROUP_COLOURS[group] for group in table["group"]]
    axes.barh(range(len(table), 0, -1), table["error"], color=colours)
    axes.set_yticks(range(len(table), 0, -1), table["name"])
    axes.set_xlabel(f"{measure} (left is better)")
    best = table.loc[table["error"].idxmin()]
    axes.set_title(f"{best['name']} reconstructs best: {best['error']:.4f}")
    return figure


if "snakemake" in globals():
    with frame.job(snakemake):
        table = read_table(snakemake.input[0], ["name", "group", "error"])
        figures.save(draw(table, specs.parse(snakemake.params.spec)["measure"]), snakemake.output[0])

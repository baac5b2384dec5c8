"""Draw what trained encoders are worth to a classifier, by the number of labels.

Inputs: the table of classifiers.

Outputs: one figure, the test errors by the number of labels, with one line per start of the weights.
"""

import pandas as pd

from aelab.data.shown import Shown
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs
from aelab.report import figures

SCRATCH = "random weights"


def draw(table: pd.DataFrame, data: Shown) -> figures.plt.Figure:
    """Draw the errors of the classifiers.

    Parameters
    ----------
    table : pd.DataFrame
        One row per classifier: `start`, `labels` and `accuracy`.
    data : Shown
        What the images show.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    figure, one = figures.plt.subplots(figsize=(7.2, 4.4))
    table = table.assign(error=100 * (1 - table["accuracy"])).sort_values("labels", kind="stable")
    for start in table["start"].drop_duplicates():
        own = table[table["start"] == start]
        colour = {"color": "black"} if start == SCRATCH else {}
        one.plot(own["labels"], own["error"], marker="o", ms=4.5, label=start, **colour)
    one.set_xscale("log")
    one.set_yscale("log")
    one.set_xticks(sorted(set(table["labels"])), [f"{n:,}" for n in sorted(set(table["labels"]))])
    one.xaxis.set_minor_locator(figures.matplotlib.ticker.NullLocator())
    one.yaxis.set_major_formatter(figures.plain_numbers())
    one.yaxis.set_minor_formatter(figures.plain_numbers())
    one.set_xlabel(f"labelled {data.words}")
    one.set_ylabel(f"test {data.words} not known (%)")
    one.legend(title="weights from")
    figures.headline(figure, f"What is a trained encoder worth to a classifier? {finding(table)}", fontsize=11)
    return figure


def finding(table: pd.DataFrame) -> str:
    """Say which start is best with the fewest labels and with the most."""
    words = []
    for labels in dict.fromkeys([table["labels"].min(), table["labels"].max()]):
        own = table[table["labels"] == labels].sort_values("error", kind="stable").iloc[0]
        words.append(f"with {labels:,} labels the best start is {own['start']} ({own['error']:.3g} % wrong)")
    text = "; ".join(words)
    return text[0].upper() + text[1:]


if "snakemake" in globals():
    with frame.job(snakemake):
        table = read_table(snakemake.input[0], ["start", "labels", "accuracy"])
        figures.save(draw(table, Shown.of(specs.parse(snakemake.params.spec))), snakemake.output[0])

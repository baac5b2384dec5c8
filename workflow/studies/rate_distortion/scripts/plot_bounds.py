"""Draw how bounds on the likelihood of binary images grow with the number of samples.

Inputs: the table of `bound_evidence`.

Outputs: one figure with one panel per way of making the same test images binary and one line per model.
"""

import pandas as pd
from matplotlib.ticker import NullLocator

from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.report import figures

COLOURS = ("#bd1f01", "#3f90da", "#832db6", "#ffa90e", "#a96b59")
WORDS = {"fixed": "fixed binarisation", "drawn": "drawn binarisation"}


def draw(table: pd.DataFrame) -> figures.plt.Figure:
    """Draw the bounds carried to all test images, with two standard errors either way.

    Parameters
    ----------
    table : pd.DataFrame
        The table of `bound_evidence`.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    figure, axes = figures.plt.subplots(1, 2, figsize=(10, 4.4), sharey=True)
    for one, (how, words) in zip(axes, WORDS.items(), strict=True):
        own = table[table["binarisation"] == how]
        for n, (name, rows) in enumerate(own.groupby("model", sort=False)):
            last = rows.iloc[-1]
            label = f"{name}: {rows['nats_of_all'].iloc[0]:.1f} to {last['nats_of_all']:.1f}"
            colour = COLOURS[n % len(COLOURS)]
            one.errorbar(
                rows["samples"] * (1 + 0.06 * n), rows["nats_of_all"], 2 * rows["error_of_all"], fmt="o-", ms=4,
                capsize=2, lw=1.3, color=colour, label=label,
            )  # fmt: skip
        one.set_xscale("log")
        one.set_xticks(sorted(set(table["samples"])), sorted(set(table["samples"])))
        one.xaxis.set_minor_locator(NullLocator())
        one.set_xlabel("samples of the code for each image")
        one.set_title(f"the same test images, {words}")
        if len(own):
            one.legend(fontsize=8)
    axes[0].set_ylabel("negative bound on log p(x) (nats an image)")
    number = f"{table['images'].iloc[0]:,}" if len(table) else "no"
    text = f"More samples, tighter bounds ({number} test images, carried to all by their ELBO)"
    figures.headline(figure, text, x=0.01, ha="left")
    return figure


if "snakemake" in globals():
    with frame.job(snakemake):
        columns = ["model", "binarisation", "images", "samples", "nats_of_all", "error_of_all"]
        figures.save(draw(read_table(snakemake.input[0], columns)), snakemake.output[0])

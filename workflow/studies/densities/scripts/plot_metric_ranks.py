"""Draw how every metric ranks the sets of samples, and where it puts real held-out images.

Inputs: the table of `measure_generators`.

Outputs: one figure, a table of colours: one row per set, one column per metric, the darker the better the rank. The
training images have no rank: they are real, and whether a metric tells copies is shown by itself.
"""

import numpy as np
import pandas as pd

from aelab.analysis.sample_metrics import HELD_OUT, METRICS, TRAINING, ranks, words_of
from aelab.data.shown import Shown
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs
from aelab.report import figures


def ranked(table: pd.DataFrame) -> pd.DataFrame:
    """Return the ranks of all sets (rows) by all metrics (columns), without the training images.

    Parameters
    ----------
    table : pd.DataFrame
        The table of `measure_generators`.
    """
    rivals = table.set_index("name").drop(TRAINING)
    return pd.DataFrame(
        {name: ranks(rivals[name].to_numpy(), metric.higher) for name, metric in METRICS.items()}, index=rivals.index
    )


def draw(table: pd.DataFrame, data: Shown) -> figures.plt.Figure:
    """Draw the ranks, with the values in the cells.

    Parameters
    ----------
    table : pd.DataFrame
        The table of `measure_generators`.
    data : Shown
        Words for what the images show.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    places = ranked(table)
    names = list(table["name"])
    figure, axes = figures.plt.subplots(figsize=(9.6, 0.31 * len(names) + 2.2))
    shades = np.array([[places.loc[name, each] if name != TRAINING else np.nan for each in METRICS] for name in names])
    axes.imshow((shades - 1) / max(len(places) - 1, 1), cmap="Blues_r", vmin=-0.1, vmax=1.15, aspect="auto")
    values = table.set_index("name")
    for row, name in enumerate(names):
        for column, (each, metric) in enumerate(METRICS.items()):
            dark = name != TRAINING and shades[row, column] <= 1 + 0.35 * len(places)
            text = format(values.loc[name, each], metric.form)
            best = name != TRAINING and shades[row, column] == 1
            style = {"fontweight": "bold"} if best else {}
            axes.text(column, row, text, ha="center", va="center", color="white" if dark else "black", **style)
    axes.set_yticks(range(len(names)), [words_of(name) for name in names])
    axes.set_xticks(range(len(METRICS)), [metric.words for metric in METRICS.values()], fontsize=8)
    axes.tick_params(length=0, top=False, bottom=False, labeltop=True, labelbottom=False)
    axes.grid(False)
    axes.spines[:].set_visible(False)
    first = places.loc[HELD_OUT] == 1
    for tick, name in zip(axes.get_xticklabels(), METRICS, strict=True):
        tick.set_color(figures.RIGHT if first[name] else figures.WRONG)
        tick.set_fontweight("bold")
    row = names.index(HELD_OUT)
    for column, name in enumerate(METRICS):
        colour = figures.RIGHT if first[name] else figures.WRONG
        corner = (column - 0.48, row - 0.46)
        axes.add_patch(figures.plt.Rectangle(corner, 0.96, 0.92, fill=False, ec=colour, lw=2.2))
    axes.set_xlabel(
        f"dark: ranked high, bold: first; green: real {data.words} are first, red: they are not. Training images, "
        "which a\ngenerator may copy, are not ranked",
        fontsize=8,
    )
    figures.headline(figure, headline(places, data), x=0.01, ha="left", fontsize=11)
    return figure


def headline(places: pd.DataFrame, data: Shown) -> str:
    """Return what the figure shows in a sentence: how many metrics put real images first, and what others put there."""
    first = places.loc[HELD_OUT] == 1
    said = f"{int(first.sum())} of {len(METRICS)} metrics rank real held-out {data.words} first"
    if not first["parzen"]:
        said += f"; the Parzen window prefers {words_of(places['parzen'].idxmin())}"
    return said


if "snakemake" in globals():
    with frame.job(snakemake):
        table = read_table(snakemake.input[0], ["name", *METRICS], text=["name", "way", "model"])
        figures.save(draw(table, Shown.of(specs.parse(snakemake.params.spec))), snakemake.output[0])

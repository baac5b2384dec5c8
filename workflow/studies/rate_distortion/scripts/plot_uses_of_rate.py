"""Draw what the judge reads in decoded images, and how many units of the code are used.

Inputs: the table of `measure_rates`; test labels.

Outputs: one figure of three panels: accuracy on images decoded from drawn codes, below the largest that a code of such
a rate allows; active units; and how many samples from the prior the judge reads surely.
"""

import matplotlib.ticker
import numpy as np
import pandas as pd

from aelab.analysis import rates
from aelab.data import idx
from aelab.data.shown import Shown
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs
from aelab.report import figures

BETA, SIZE, OTHER = "#bd1f01", "#3f90da", "#717581"


def called(axes: matplotlib.axes.Axes, rows: pd.DataFrame, column: str) -> None:
    """Write the beta of each model by its point, below and above in turn."""
    for n, (_, row) in enumerate(rows.iterrows()):
        place, at = ((3, -10), (-4, 6))[n % 2], (row["rate"], row[column])
        axes.annotate(f"{row['beta']:g}", at, place, textcoords="offset points", fontsize=7, color=BETA)


def on_a_scale_of_rates(axes: matplotlib.axes.Axes, largest: float) -> None:
    """Let an axis start linearly at 0 and go on logarithmically, since most happens at small rates."""
    axes.set_xscale("symlog", linthresh=3, linscale=1.2)
    axes.set_xlim(-0.1, largest)
    ticks = [rate for rate in (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if rate < largest]
    axes.set_xticks(ticks, map(str, ticks))
    axes.xaxis.set_minor_locator(matplotlib.ticker.NullLocator())
    axes.set_xlabel("rate (nats an image)")


def draw(table: pd.DataFrame, shares: np.ndarray, data: Shown) -> figures.plt.Figure:
    """Draw the three panels.

    Parameters
    ----------
    table : pd.DataFrame
        The table of `measure_rates`.
    shares : np.ndarray
        How frequent each class is (classes,).
    data : Shown
        Words for what the images show.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    table = table.assign(**{key: 100 * table[key] for key in ("read", "surely_read")}).sort_values("rate")
    betas, sizes = (table[table["role"].isin([role, "both"])] for role in ("beta", "size"))
    others = table[table["role"] == "other"]
    figure, (reading, units, sampling) = figures.plt.subplots(1, 3, figsize=(13.4, 4.6))
    scale = np.linspace(0, max(1.1 * table["rate"].max(), 4), 400)
    limit = [100 * rates.best_accuracy(rate, shares) for rate in scale]
    reading.plot(scale, limit, color="black", lw=1.2, label="most that a code of this rate allows")
    reading.fill_between(scale, limit, 104, color="black", alpha=0.08, lw=0)
    for axes, column in ((reading, "read"), (sampling, "surely_read")):
        axes.plot(betas["rate"], betas[column], "o-", color=BETA, ms=4.5, lw=1.2, label="beta differs (numbers)")
        axes.plot(sizes["rate"], sizes[column], "s-", color=SIZE, ms=4, lw=1.2, label="size of the code differs")
        axes.plot(others["rate"], others[column], "^", color=OTHER, ms=5, label="other models")
        axes.set_ylim(0, 104)
        called(axes, betas, column)
        on_a_scale_of_rates(axes, scale[-1])
    reading.set_ylabel(f"% read as their {data.word}, from drawn codes")
    beaten = int((table["read"] > 100 * table["best_accuracy"]).sum())
    reading.set_title(f"{beaten or 'No'} model{'s say' if beaten > 1 else ' says'} more than its rate allows")
    reading.legend(fontsize=7, loc="lower right")
    for rows, x, mark, colour, words in (
        (betas, "beta", "o-", BETA, "by beta"),
        (sizes, "code_size", "s-", SIZE, "by size of the code"),
    ):
        own = rows.sort_values(x)
        units.plot(own[x], own["active_units"], mark, color=colour, ms=4.5, lw=1.2, label=words)
    if len(sizes) > 1:
        all_active = np.geomspace(sizes["code_size"].min(), sizes["code_size"].max())
        units.plot(all_active, all_active, color=SIZE, lw=0.8, ls=":", label="all units of the code")
    units.set_xscale("log")
    units.xaxis.set_major_formatter(figures.plain_numbers())
    units.set_xlabel("beta, or size of the code")
    units.set_ylabel("active units of the code")
    units.yaxis.set_major_locator(figures.whole_numbers())
    units.set_ylim(bottom=-0.5)
    if len(sizes) > 1:
        largest = sizes.loc[sizes["code_size"].idxmax()]
        units.set_title(f"Of {largest['code_size']} units, {largest['active_units']} are active")
    if units.get_legend_handles_labels()[1]:
        units.legend(fontsize=7)
    sampling.set_ylabel("% of samples from the prior read surely (>= 0.9)")
    best = table.loc[table["surely_read"].idxmax()]
    sampling.set_title(f"{best['name']} makes the clearest samples")
    figures.headline(figure, "What is the rate used for?", x=0.01, ha="left")
    return figure


if "snakemake" in globals():
    with frame.job(snakemake):
        data = Shown.of(specs.parse(snakemake.params.spec))
        columns = ["name", "role", "beta", "code_size", "rate", "read", "best_accuracy", "active_units", "surely_read"]
        labels = idx.read_labels(snakemake.input.labels)
        shares = np.bincount(labels, minlength=len(data.classes)) / len(labels)
        figures.save(draw(read_table(snakemake.input.rates, columns), shares, data), snakemake.output[0])

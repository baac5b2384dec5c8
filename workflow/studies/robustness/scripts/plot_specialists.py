"""Draw denoisers trained on one amount of noise beside one trained on all amounts.

Inputs: the table of `compare_specialists`.

Outputs: one figure: on the left the MSE by amount of noise, on the right by how many dB each model is behind the best
one of them. Colours run from the smallest amount in training to the largest; dots mark the amount in training.
"""

import numpy as np
import pandas as pd

from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.report import figures


def title(table: pd.DataFrame) -> str:
    """State how many specialists win at their own amount, and what the blind model costs.

    Parameters
    ----------
    table : pd.DataFrame
        The table of `compare_specialists`.

    Returns
    -------
    str
        The title of the figure.
    """
    trained = table[table["name"] != "wiener_filter"]
    if trained.empty:
        return "Of the models that are compared here, none is in this run"
    behind = trained.groupby("name", sort=False)["behind"].mean()
    own = trained[np.isclose(trained["amount"], trained["trained_on"])]
    return (
        f"{int((own['rank'] == 1).sum())} of {len(own)} specialists are the best at the amount that they were trained "
        f"on. Over all amounts {behind.idxmin()} is nearest to the best: {behind.min():.2f} dB behind, mean"
    )


def draw(table: pd.DataFrame) -> figures.plt.Figure:
    """Draw both panels.

    Parameters
    ----------
    table : pd.DataFrame
        The table of `compare_specialists`.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    figure, axes = figures.plt.subplots(1, 2, figsize=(11, 4.4))
    amounts = np.sort(table["trained_on"].dropna().unique())
    scale = dict(zip(amounts, figures.plt.get_cmap("viridis")(np.linspace(0.05, 0.9, len(amounts))), strict=True))
    for name, rows in table.groupby("name", sort=False):
        amount = rows["trained_on"].iloc[0]
        if name == "wiener_filter":
            label, style = "Wiener filter for each amount", {"color": "black", "linestyle": "--", "linewidth": 1.2}
        elif np.isnan(amount):
            label, style = f"{name}: all amounts", {"color": "#bd1f01", "linewidth": 2.4}
        else:
            label, style = f"trained on {amount:g}", {"color": scale[amount], "linewidth": 1.5}
        axes[0].plot(rows["amount"], rows["mse"], label=label, **style)
        if name != "wiener_filter":
            axes[1].plot(rows["amount"], rows["behind"], **style)
        own = rows[np.isclose(rows["amount"], amount)]
        for one, measure in zip(axes, ("mse", "behind"), strict=True):
            one.scatter(own["amount"], own[measure], s=30, color=style["color"], zorder=3, clip_on=False)
    axes[0].set_yscale("log")
    axes[0].yaxis.set_major_formatter(figures.plain_numbers())
    axes[0].yaxis.set_minor_formatter(figures.plain_numbers())
    axes[0].set_ylabel("MSE per pixel (lower is better)")
    axes[1].set_ylabel("dB behind the best of them (lower is better)")
    axes[1].set_ylim(bottom=0)
    for one in axes:
        one.set_xlabel("standard deviation of the noise on test images")
    figure.legend(loc="outside lower center", ncols=4, fontsize=8)
    figures.headline(figure, title(table), x=0.01, ha="left", fontsize=11)
    return figure


if "snakemake" in globals():
    with frame.job(snakemake):
        columns = ["name", "trained_on", "amount", "mse", "rank", "behind"]
        figures.save(draw(read_table(snakemake.input[0], columns)), snakemake.output[0])

"""Draw what every model gains on every kind and amount of degradation, in one map.

Inputs: the table of `tabulate_degradations`.

Outputs: one figure with a row per model and a column per amount: by how many dB the MSE is below that of doing nothing;
dots where the model is better than the Wiener filter that is fitted to this kind and amount. The last two rows are that
filter and the mean image.
"""

import textwrap

import numpy as np
import pandas as pd

from aelab.data.degradation import AMOUNTS
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.report import figures

# Gains beyond this many dB have the colour of it.
MOST = 15

REFERENCES = ["wiener_filter", "mean_image"]  # below the models


def title(models: pd.DataFrame, wiener: pd.Series, helps: float) -> str:
    """State where models help.

    Parameters
    ----------
    models : pd.DataFrame
        The gains of the models: a row per name, a column per kind and amount.
    wiener : pd.Series
        Those of the Wiener filter.
    helps : float
        The share of all cases in which a model helps.

    Returns
    -------
    str
        The title of the figure.
    """
    best = models.mean(axis=1)
    return (
        f"A model is better than doing nothing (blue) and the mean image in {helps:.0%} of all cases, and beats the "
        f"Wiener filter fitted to the case in {(models > wiener).to_numpy().mean():.0%} (dots). {best.idxmax()} gains "
        f"most on average: {best.max():+.1f} dB"
    )


def draw(table: pd.DataFrame) -> figures.plt.Figure:
    """Draw the map.

    Parameters
    ----------
    table : pd.DataFrame
        The table of `tabulate_degradations`.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    columns = list(dict.fromkeys(zip(table["kind"], table["amount"], strict=True)))
    trained = table[table["group"] != "references"]
    names = [*trained["name"].unique(), *REFERENCES]
    groups = table.drop_duplicates("name").set_index("name")["group"]
    gains = table.pivot(index="name", columns=["kind", "amount"], values="gain").loc[names, columns]
    figure, axes = figures.plt.subplots(figsize=(0.2 * len(columns) + 3.8, 0.27 * len(names) + 2.3))
    drawn = axes.imshow(gains, cmap="RdBu", vmin=-MOST, vmax=MOST, aspect="auto")
    models, wiener = gains.drop(REFERENCES), gains.loc["wiener_filter"]
    rows, places = np.nonzero((models > wiener).to_numpy())
    axes.scatter(places, rows, s=7, color="black", linewidths=0)
    axes.set_yticks(range(len(names)), names)
    for label, name in zip(axes.get_yticklabels(), names, strict=True):
        label.set_color(figures.GROUP_COLOURS.get(groups[name], "black"))
    axes.set_xticks(range(len(columns)), [f"{amount:g}" for _, amount in columns], rotation=90, fontsize=6.5)
    axes.grid(False)
    axes.axhline(len(models) - 0.5, color="black", linewidth=1)
    kinds = [kind for kind, _ in columns]
    for kind in dict.fromkeys(kinds):
        first, count = kinds.index(kind), kinds.count(kind)
        if first:
            axes.axvline(first - 0.5, color="black", linewidth=1)
        words = f"{kind.replace('_', ' ')}\n{textwrap.fill(AMOUNTS[kind], 25)}"
        axes.text(first + (count - 1) / 2, -0.8, words, ha="center", va="bottom", fontsize=7)
    bar = figure.colorbar(drawn, ax=axes, pad=0.01, fraction=0.03, extend="both")
    bar.set_label("dB by which the MSE is below that of doing nothing", fontsize=8)
    figures.headline(figure, title(models, wiener, trained["helps"].mean()), x=0.01, ha="left", fontsize=11)
    return figure


if "snakemake" in globals():
    with frame.job(snakemake):
        table = read_table(snakemake.input[0], ["name", "group", "kind", "amount", "gain", "helps"])
        figures.save(draw(table), snakemake.output[0])

"""Draw what codes cost and what they save.

Inputs: the table of `measure_rates` and its floors; the tables of `quantise_pca`.

Outputs: one figure. On the left cross-entropy against rate, with lines of equal ELBO; on the right squared error
against rate, with quantised principal components and a Gaussian source.
"""

import matplotlib
import numpy as np
import pandas as pd

from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.report import figures

BETA, SIZE, OTHER = "#bd1f01", "#3f90da", "#717581"

# Where texts stand beside their points, by what the points are called by: under and over curves that fall. Beside the
# vertical axis there is room on one side alone.
PLACES = {
    "beta": {"xytext": (-4, -10), "ha": "right"},
    "code_size": {"xytext": (5, 6), "ha": "left"},
    None: {"xytext": (6, -8), "ha": "left"},
}
BESIDE_AXIS = {"xytext": (5, 4), "ha": "left"}


def series(table: pd.DataFrame) -> list[tuple[str, pd.DataFrame, str, str | None]]:
    """Sort the models into series.

    Parameters
    ----------
    table : pd.DataFrame
        The columns role, beta, code_size and rate, one row per model.

    Returns
    -------
    list of (str, pd.DataFrame, str, str or None)
        For each series that has models: its name, its rows, its colour, and the column by which they are sorted and
        called; None if they are single models, sorted by rate and called by their names.
    """
    betas, sizes, others = (
        table[table["role"].isin(roles)].sort_values("rate")
        for roles in (["beta", "both"], ["size", "both"], ["other"])
    )
    found = []
    if (betas["role"] == "beta").any():
        name = f"beta differs, code of {betas['code_size'].iloc[0]}"
        found.append((name, betas.sort_values("beta"), BETA, "beta"))
    if (sizes["role"] == "size").any():
        found.append(("size of the code differs, beta 1", sizes.sort_values("code_size"), SIZE, "code_size"))
    if len(others):
        found.append(("other models, beta 1", others, OTHER, None))
    return found


def called(rows: pd.DataFrame, column: str | None, y: str, near: tuple[float, float]) -> list[tuple[str, float, float]]:
    """Say what the points of a series are called; points that are near each other have one text.

    Parameters
    ----------
    rows : pd.DataFrame
        The models of the series, with their `rate`, `y` and `name`.
    column : str or None
        The column whose values they are called by, in increasing order; None for their names.
    y : str
        The column of the vertical axis.
    near : tuple of float
        How far the rates, and the values of `y`, of two points may differ that share a text.

    Returns
    -------
    list of (str, float, float)
        Each text, and the rate and the `y` of the first point that it belongs to.
    """
    texts: list[tuple[str, float, float]] = []
    for row in rows.to_dict("records"):
        text = f"{row[column]:g}" if column else row["name"]
        if texts and abs(row["rate"] - texts[-1][1]) < near[0] and abs(row[y] - texts[-1][2]) < near[1]:
            before, *place = texts.pop()
            texts.append((f"{before}, {text}", *place))
        else:
            texts.append((text, row["rate"], row[y]))
    return texts


def plotted(axes: matplotlib.axes.Axes, table: pd.DataFrame, y: str) -> None:
    """Draw one point per model, joined within a series, with its beta, the size of its code or its name beside it."""
    near = (0.03 * table["rate"].max(), 0.04 * np.ptp(table[y]))
    for name, rows, colour, column in series(table):
        axes.plot(rows["rate"], rows[y], "o-" if column else "o", color=colour, label=name, ms=4.5, lw=1.2, zorder=3)
        for text, *at in called(rows, column, y, near):
            place = BESIDE_AXIS if at[0] < near[0] else PLACES[column]
            axes.annotate(text, at, textcoords="offset points", fontsize=7, color=colour, **place)


def draw(table: pd.DataFrame, floors: pd.Series, quantised: pd.DataFrame, curve: pd.DataFrame) -> figures.plt.Figure:
    """Draw both panels.

    Parameters
    ----------
    table : pd.DataFrame
        One row per model: name, role, beta, code_size, rate, distortion, negative_elbo, mse.
    floors : pd.Series
        The numbers `floor`, `mean_image` and `mean_image_mse`.
    quantised : pd.DataFrame
        Rate and mse of quantised principal components, one row per step.
    curve : pd.DataFrame
        Rate and mse of a Gaussian source.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    figure, (left, right) = figures.plt.subplots(1, 2, figsize=(11, 5))
    best = table.loc[table["negative_elbo"].idxmin()]
    widest = 1.12 * table["rate"].max()
    low, high = 0.93 * floors["floor"], 1.06 * max(floors["mean_image"], table["distortion"].max())
    rates = np.linspace(0, widest, 2)
    step = 25.0 if high < 600 else 100.0
    for level in np.arange(step * np.ceil((low + 1) / step), high + widest, step):
        left.plot(rates, level - rates, color="black", alpha=0.13, lw=0.7, zorder=1)
        if low + 8 < level - widest < high:
            left.annotate(f"{level:.0f}", (widest, level - widest), (0, 2), textcoords="offset points", fontsize=6,
                          alpha=0.6, ha="right")  # fmt: skip
    left.plot(rates, best["negative_elbo"] - rates, color="black", lw=1.1, ls="--", zorder=2,
              label=f"ELBO of {best['name']}, the best: {-best['negative_elbo']:.1f} nats")  # fmt: skip
    left.axhline(floors["floor"], color=OTHER, lw=1, ls=":")
    left.annotate("images with themselves", (0, floors["floor"]), (2, 3), textcoords="offset points", fontsize=7,
                  color=OTHER)  # fmt: skip
    left.plot([0], [floors["mean_image"]], "D", color="black", ms=6, zorder=4, label="mean image, no code")
    plotted(left, table, "distortion")
    left.set(xlim=(-0.01 * widest, widest), ylim=(low, high))
    left.set_xlabel("rate: divergence from the prior (nats an image)")
    left.set_ylabel("distortion: cross-entropy (nats an image)")
    left.set_title(
        f"Of rate and distortion together, {best['name']} pays least\n(grey lines: equal sums, or negative ELBOs)"
    )
    left.legend(fontsize=7.5, loc="upper right")
    shown = quantised[quantised["rate"] < widest]
    right.plot(
        curve["rate"], curve["mse"], color="black", lw=1.2, ls="--", label="Gaussian with the images' covariance"
    )
    right.plot(shown["rate"], shown["mse"], "s-", color="#94a4a2", ms=4, label="PCA, rounded and coded")
    right.plot([0], [floors["mean_image_mse"]], "D", color="black", ms=6, zorder=4, label="mean image, no code")
    plotted(right, table, "mse")
    right.set(xlim=(-0.01 * widest, widest), ylim=(0, None))
    right.set_xlabel("rate (nats an image)")
    right.set_ylabel("squared error (MSE per pixel)")
    below = table["mse"] < np.interp(table["rate"], curve["rate"][::-1], curve["mse"][::-1])
    right.set_title(f"{below.sum()} of {len(table)} models err less than\na Gaussian source of the same rate")
    right.legend(fontsize=7.5, loc="upper right")
    figures.headline(figure, "What does a code cost, and what does it save?", x=0.01, ha="left")
    return figure


if "snakemake" in globals():
    with frame.job(snakemake):
        columns = ["name", "role", "beta", "code_size", "rate", "distortion", "negative_elbo", "mse"]
        figures.save(
            draw(
                read_table(snakemake.input.rates, columns),
                read_table(snakemake.input.floors, ["floor", "mean_image", "mean_image_mse"]).iloc[0],
                read_table(snakemake.input.quantised, ["rate", "mse"]),
                read_table(snakemake.input.curve, ["rate", "mse"]),
            ),
            snakemake.output[0],
        )

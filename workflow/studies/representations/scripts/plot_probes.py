"""Draw how well classes can be read off each representation.

Inputs: the table of representations.

Outputs: two figures. `labels` has a row per representation, with the accuracies of the linear probe and of the nearest
neighbour for each number of labelled images. `sizes` shows the errors for one number of them by the size of the code.
"""

import numpy as np
import pandas as pd

from aelab.data.shown import Shown
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs
from aelab.report import figures

COLOURS = {**figures.GROUP_COLOURS, "references": "black"}
WORDS = {"probe": "linear probe", "nearest": "nearest neighbour"}
PIXELS, RANDOM, PCA = "pixels", "random_", "pca_"


def numbers(table: pd.DataFrame) -> list[str]:
    """Return the numbers of labelled images of each class that the table has columns for, `all` last."""
    return [column.removeprefix("probe_") for column in table if column.startswith("probe_")]


def words_of(number: str) -> str:
    """Say how many images are labelled."""
    return "all labels" if number == "all" else f"{int(number):,} labels a class"


def draw_labels(table: pd.DataFrame, data: Shown) -> figures.plt.Figure:
    """Draw a row of dots per representation, the best on top.

    Parameters
    ----------
    table : pd.DataFrame
        The table of representations.
    data : Shown
        What the images show.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    shown = numbers(table)
    counted = [number for number in shown if number != "all"]
    table = table.sort_values(f"probe_{counted[-1]}", kind="stable").reset_index(drop=True)
    figure, axes = figures.plt.subplots(1, 2, figsize=(10.5, 0.185 * len(table) + 1.6), sharey=True)
    shades = dict(zip(shown, np.linspace(0.3, 1, len(shown)), strict=True))
    rows = np.arange(len(table))
    for one, (by, words) in zip(axes, WORDS.items(), strict=True):
        values = 100 * table[[f"{by}_{number}" for number in shown]]
        one.hlines(rows, values.min(axis=1), values.max(axis=1), color="#d5d5d5", linewidth=1, zorder=1)
        for number in shown:
            marker = {"marker": "D", "s": 16} if number == "all" else {"marker": "o", "s": 24}
            colours = [COLOURS[group] for group in table["group"]]
            column = values[f"{by}_{number}"]
            one.scatter(column, rows, c=colours, alpha=shades[number], linewidths=0, zorder=2, **marker)
        pixels = values.loc[(table["representation"] == PIXELS).to_numpy()]
        for number in counted:
            one.axvline(pixels[f"{by}_{number}"].iloc[0], color="black", lw=0.7, ls=":", zorder=0)
        last = values[f"{by}_{counted[-1]}"]
        best = table["representation"].iloc[int(last.argmax())]
        one.set_title(f"{words}: {best} is best\nwith {words_of(counted[-1])}, {last.max():.1f} %", fontsize=9.5)
        one.set_xlabel(f"test {data.words} known (%)")
        one.set_xlim(0, 100)
    axes[0].set_yticks(rows, table["representation"], fontsize=7)
    axes[0].set_ylim(-0.8, len(table) - 0.2)
    for label, group in zip(axes[0].get_yticklabels(), table["group"], strict=True):
        label.set_color(COLOURS[group])
    handles = [
        figures.plt.Line2D(
            [], [], ls="", marker="D" if number == "all" else "o", color="black", alpha=shades[number], ms=5,
            label=words_of(number),
        )
        for number in shown
    ] + [
        figures.plt.Line2D([], [], color="black", lw=0.7, ls=":", label="pixels"),
        *(
            figures.plt.Line2D([], [], ls="", marker="s", color=COLOURS[group], ms=5, label=group)
            for group in COLOURS
            if group in set(table["group"])
        ),
    ]  # fmt: skip
    columns = (len(handles) + 1) // 2
    figure.legend(handles=handles, loc="outside lower center", ncols=columns, columnspacing=1, handletextpad=0.3)
    few, many = counted[0], counted[-1]
    better = [better_than_pixels(table, f"probe_{number}") for number in (few, many)]
    figures.headline(
        figure,
        f"What is a code good for? A linear probe reads {better[0]} models' codes better than pixels with "
        f"{words_of(few)}, {better[1]} with {words_of(many)}",
        fontsize=11,
    )
    return figure


def better_than_pixels(table: pd.DataFrame, column: str) -> str:
    """Say of how many of the trained models a value is greater than that of the pixels, as in `3 of 30`."""
    values = table.set_index("representation")[column]
    linear = values.index.str.startswith((PCA, RANDOM)) | (values.index == PIXELS)
    return f"{int((values[~linear] > values[PIXELS]).sum())} of {int((~linear).sum())}"


def draw_sizes(table: pd.DataFrame, data: Shown) -> figures.plt.Figure:
    """Draw the error by the size of the code, with lines for PCA and random projections.

    Parameters
    ----------
    table : pd.DataFrame
        The table of representations.
    data : Shown
        What the images show.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    number = [each for each in numbers(table) if each != "all"][-1]
    figure, axes = figures.plt.subplots(1, 2, figsize=(10.5, 4.9), sharey=True)
    for one, (by, words) in zip(axes, WORDS.items(), strict=True):
        errors = table.assign(error=100 * (1 - table[f"{by}_{number}"])).sort_values("size", kind="stable")
        names = errors["representation"]
        for start, label, dashes in ((PCA, "PCA", "-"), (RANDOM, "random projection", "--")):
            line = errors[names.str.startswith(start)]
            one.plot(line["size"], line["error"], color="black", ls=dashes, lw=1, marker="o", ms=3, label=label)
        one.axhline(errors.loc[names == PIXELS, "error"].iloc[0], color="black", ls=":", lw=1, label="pixels")
        models = errors[~names.str.startswith((PCA, RANDOM)) & (names != PIXELS)]
        for group, own in models.groupby("group"):
            one.scatter(own["size"], own["error"], s=26, color=COLOURS[group], alpha=0.8, linewidths=0, label=group)
        sizes = sorted(set(models["size"]))
        for size, following in zip(sizes, [*sizes[1:], np.inf], strict=True):
            own = models[models["size"] == size]
            best = own.loc[own["error"].idxmin()]
            close = following <= 2 * size  # the name ends where the next one begins
            place = {"xytext": (5 if close else 0, -7), "textcoords": "offset points", "va": "top"}
            name = figures.wrapped(best["representation"], 12)
            one.annotate(
                name,
                best[["size", "error"]],
                fontsize=6.5,
                ha="right" if close else "center",
                linespacing=0.95,
                **place,
            )
        one.set_xscale("log", base=2)
        one.set_yscale("log")
        one.set_xlim(errors["size"].min() / 3.5, errors["size"].max() * 1.7)
        for axis in (one.xaxis, one.yaxis):
            axis.set_major_formatter(figures.matplotlib.ticker.FuncFormatter(lambda value, _: f"{value:g}"))
        one.yaxis.set_minor_formatter(figures.plain_numbers())
        one.margins(y=0.14)
        best = models.loc[models["error"].idxmin()]
        one.set_title(f"{words}: {best['representation']} is best, {best['error']:.1f} % wrong", fontsize=9.5)
        one.set_xlabel("numbers in a code")
    axes[0].set_ylabel(f"test {data.words} not known (%), lower is better")
    axes[1].legend(fontsize=7.5)
    figures.headline(
        figure,
        f"How much does the size of a code matter? With {words_of(number)}, {smallest(table, f'probe_{number}')}",
        fontsize=11,
    )
    return figure


def smallest(table: pd.DataFrame, column: str) -> str:
    """Say which is the smallest code of a model that a linear probe reads better than the pixels."""
    pixels = table.loc[table["representation"] == PIXELS, column].iloc[0]
    linear = table["representation"].str.startswith((PCA, RANDOM)) | (table["representation"] == PIXELS)
    better = table[~linear & (table[column] > pixels)].sort_values(["size", column], ascending=[True, False])
    if better.empty:
        return "a linear probe reads no code better than the pixels"
    first = better.iloc[0]
    return f"{first['size']} numbers ({first['representation']}) are read better than all pixels by a linear probe"


if "snakemake" in globals():
    with frame.job(snakemake):
        table = read_table(snakemake.input[0], ["representation", "group", "size", "ceiling"])
        data = Shown.of(specs.parse(snakemake.params.spec))
        figures.save(draw_labels(table, data), snakemake.output.labels)
        figures.save(draw_sizes(table, data), snakemake.output.sizes)

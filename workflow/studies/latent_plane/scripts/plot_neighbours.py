"""Draw how well the nearest training code predicts the digit of a test code, and which digits it confuses.

Inputs: the tables by digit, of confusion and of the plane.

Outputs: two figures: accuracy in percent by model and digit, over all test codes and over the first 1,000, with a sign
where a digit stands out among the others; and one matrix per model of digits against the digits of their nearest
neighbours.
"""

import numpy as np
import pandas as pd

from aelab.data.shown import Shown
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs
from aelab.report import figures

PARTS = (("", "all test images"), ("_first_1000", "the first 1,000 test images"))
SIGNS = {"better": "+", "worse": "\N{MINUS SIGN}"}


def draw_accuracy(members: list[dict], by_digit: pd.DataFrame, chance: float, data: Shown) -> figures.plt.Figure:
    """Draw the accuracy of the nearest neighbour by model and digit.

    Parameters
    ----------
    members : list of dict
        The models of the plane, with their `name`.
    by_digit : pd.DataFrame
        Accuracies in percent and whether they stand out, one row per model and digit.
    chance : float
        Accuracy by chance, a share.
    data : Shown
        Names of the classes.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    names, columns = [member["name"] for member in members], [*data.classes, "all"]
    figure, axes = figures.plt.subplots(2, 1, figsize=(8.6, 0.36 * len(names) * 2 + 2.2), sharex=True)
    for one, (suffix, words) in zip(axes, PARTS, strict=True):
        values, sides = (
            by_digit.pivot(index="model", columns="digit", values=f"{column}{suffix}").loc[names][columns].to_numpy()
            for column in ("one_nn_percent", "stands_out")
        )
        picture = one.imshow(values, vmin=0, vmax=100, cmap="viridis", aspect="auto")
        one.set_yticks(range(len(names)), names)
        one.set_xticks(range(len(columns)), columns, rotation=0 if max(map(len, data.classes)) < 4 else 90)
        one.tick_params(length=0)
        one.grid(False)
        for (row, digit), value in np.ndenumerate(values):
            text = f"{value:.0f}{SIGNS.get(sides[row, digit], '')}"
            one.text(digit, row, text, ha="center", va="center", color="white" if value < 60 else "black")
        best = names[int(values[:, -1].argmax())]
        one.set_title(f"{words}: {best} is best with {values[:, -1].max():.1f} %", fontsize=9.5)
    axes[1].set_xlabel(
        f"{data.word} of the test image (+ better, \N{MINUS SIGN} worse than the model's other {data.words}, at 5 %)"
    )
    figure.colorbar(picture, ax=axes, label="1-NN accuracy (%)", shrink=0.8)
    figures.headline(
        figure,
        f"How often has the nearest training code the same {data.word}? Chance: {100 * chance:.1f} %",
        fontsize=11,
    )
    return figure


def draw_confusion(
    members: list[dict], confusion: pd.DataFrame, plane: pd.DataFrame, data: Shown
) -> figures.plt.Figure:
    """Draw one confusion matrix per model.

    Parameters
    ----------
    members : list of dict
        The models of the plane, with their `name`.
    confusion : pd.DataFrame
        Confusion in percent, one row per model and digit.
    plane : pd.DataFrame
        Measures of the plane, indexed by the name of the model.
    data : Shown
        Names of the classes.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    columns = min(4, len(members))
    rows = -(-len(members) // columns)
    figure, axes = figures.plt.subplots(rows, columns, figsize=(3.1 * columns + 0.9, 3.45 * rows + 0.4), squeeze=False)
    for one in axes.flat[len(members) :]:
        one.remove()
    for one, member in zip(axes.flat, members, strict=False):
        own = plane.loc[member["name"]]
        table = confusion[confusion["model"] == member["name"]]
        values = table[[f"neighbour_{name}" for name in data.classes]].to_numpy()
        picture = one.imshow(values, vmin=0, vmax=100, cmap="viridis")
        for (row, column), value in np.ndenumerate(values):
            if value >= 10:
                colour = "white" if value < 60 else "black"
                one.text(column, row, f"{value:.0f}", ha="center", va="center", fontsize=6.5, color=colour)
        figures.ticks_of_classes(one.xaxis, data)
        figures.ticks_of_classes(one.yaxis, data)
        one.tick_params(length=0)
        one.grid(False)
        one.set_title(
            f"{figures.wrapped(member['name'], 20)}: {own['best_kept_digit']} kept best,\n"
            f"{own['overlap_first']} and {own['overlap_second']} overlap most",
            fontsize=8.5,
        )
        one.set_xlabel(f"{data.word} of the nearest code")
        one.set_ylabel(f"{data.word} of the test image")
    figure.colorbar(
        picture, ax=list(axes.flat[: len(members)]), label=f"% of the {data.word}'s test images", shrink=0.7
    )
    figures.headline(figure, f"Which {data.words} overlap in the plane?", fontsize=11)
    return figure


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        members, data = spec["members"], Shown.of(spec)
        names = ["best_kept_digit", "overlap_first", "overlap_second"]
        texts = ["digit", "stands_out", "stands_out_first_1000"]
        by_digit = read_table(snakemake.input.by_digit, ["model", "one_nn_percent"], texts)
        plane = read_table(snakemake.input.plane, ["model", "chance", "overlap_first"], names).set_index("model")
        confusion = read_table(snakemake.input.confusion, ["model", "digit"], ["digit"])
        figures.save(draw_accuracy(members, by_digit, plane["chance"].iloc[0], data), snakemake.output.accuracy)
        figures.save(draw_confusion(members, confusion, plane, data), snakemake.output.confusion)

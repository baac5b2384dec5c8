"""Scatter the codes of the bottleneck study's two-dimensional models.

Inputs: test codes and labels; each model's table by digit; the table of decoded points.

Outputs: one figure with one panel per model: crosses for the classes that the settings name, dots for the others,
stars at the median of each digit, diamonds at the published points.
"""

import numpy as np
import pandas as pd

from aelab.data import idx
from aelab.data.shown import Shown
from aelab.files.arrays import read_array
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs
from aelab.report import figures


def chosen(labels: np.ndarray, per_digit: int) -> np.ndarray:
    """Return the row numbers of the first `per_digit` images of each digit."""
    return np.concatenate([np.flatnonzero(labels == digit)[:per_digit] for digit in np.unique(labels)])


def draw(
    members: list[dict],
    codes: list[np.ndarray],
    labels: np.ndarray,
    by_digit: list[pd.DataFrame],
    points: pd.DataFrame,
    per_digit: int,
    crosses: list[int],
    recognised_at: float,
    data: Shown,
) -> figures.plt.Figure:
    """Scatter the codes, one panel per model.

    Parameters
    ----------
    members : list of dict
        The models with a code of two numbers, with their `name` and `group`.
    codes : list of np.ndarray
        Test codes (n, 2) under each model, in the same order.
    labels : np.ndarray
        Class numbers of the test images (n,).
    by_digit : list of pd.DataFrame
        The table by digit of each model, in the same order.
    points : pd.DataFrame
        The table of `decode_points`.
    per_digit : int
        Number of codes to draw of each digit: those of its first images.
    crosses : list of int
        Numbers of the classes to draw as crosses.
    recognised_at : float
        A model recognises a digit if at least this share of its reconstructions is read as that digit.
    data : Shown
        Names of the classes.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    figure, axes = figures.plt.subplots(1, len(members), figsize=(4.3 * len(members) + 0.8, 4.6), squeeze=False)
    rows, colours_of = chosen(labels, per_digit), figures.class_colours(len(data.classes))
    for one, member, plane, table in zip(axes[0], members, codes, by_digit, strict=True):
        share = table.set_index("digit")["read_as_its_digit"]
        recognised = [digit for digit in range(len(data.classes)) if share.get(digit, 0) >= recognised_at]
        for digit in range(len(data.classes)):
            own = plane[rows][labels[rows] == digit]
            marker = {"marker": "x", "linewidths": 0.8} if digit in crosses else {"marker": ".", "linewidths": 0}
            size = 16 if digit in crosses else 22
            one.scatter(own[:, 0], own[:, 1], s=size, c=colours_of[digit], alpha=0.65, **marker)
        own_points = points[points["model"] == member["name"]]
        for source, marker, size in (("median", "*", 120), ("published", "D", 42)):
            some = own_points[own_points["source"] == source]
            colours = [colours_of[number] for number in data.numbers(some["digit"])]
            one.scatter(some["code_1"], some["code_2"], s=size, c=colours, marker=marker, edgecolors="black", zorder=3)
            if source == "published":
                for _, point in some.iterrows():
                    one.annotate(
                        point["digit"],
                        (point["code_1"], point["code_2"]),
                        xytext=(4, 4),
                        textcoords="offset points",
                    )
        named = ", ".join(data.names(recognised)) or "none"
        one.set_title(f"{member['name']} ({member['group']})\nrecognised: {named}")
        one.set_xlabel("code, first number")
        one.set_ylabel("code, second number")
    figures.class_legend(axes[0, -1], data, loc="upper left", bbox_to_anchor=(1.02, 1))
    crossed = f"crosses are {data.word} {' and '.join(data.names(crosses))}, " if crosses else ""
    figures.headline(
        figure,
        f"Which {data.words} have a region of their own? ({crossed}stars each {data.word}'s median, diamonds the "
        "published points)",
        fontsize=10,
    )
    return figure


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        labels = idx.read_labels(snakemake.input.labels)
        figures.save(
            draw(
                spec["members"],
                [read_array(path, (len(labels), 2)) for path in snakemake.input.codes],
                labels,
                [read_table(path, ["digit", "read_as_its_digit"]) for path in snakemake.input.by_digit],
                read_table(snakemake.input.points, ["model", "source", "digit", "code_1", "code_2"], ["digit"]),
                spec["codes_per_digit"],
                spec["crosses"],
                spec["recognised_at"],
                Shown.of(spec),
            ),
            snakemake.output[0],
        )

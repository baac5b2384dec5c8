"""Draw what a sweep found: the measure of its kind of model against each swept key.

Inputs: the table of the sweep.

Outputs: one figure with one panel per key. If the other keys have few combinations, each has a line of its own;
otherwise every model is a dot, and lines show the best and the median of the models with the same value.
"""

import textwrap
from typing import Any

import numpy as np
import pandas as pd

from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs
from aelab.report import figures, measured

MOST_LINES = 8
MOST_TICKS = 10
WIDE = 10  # a measure whose highest value is this many times the lowest has a logarithmic axis
MOST_LETTERS = 16  # of a line of a label
PANELS_IN_A_ROW = 3
ALL, BEST_OF, MEDIAN = "#94a4a2", "#3f90da", "#ffa90e"


def draw(table: pd.DataFrame, spec: dict[str, Any]) -> figures.plt.Figure:
    """Draw the measure against each key.

    Parameters
    ----------
    table : pd.DataFrame
        The table of the sweep; the values of its keys are text.
    spec : dict
        The `name` of the sweep; `keys`, each with its values in order, as text; `numbers`, the keys whose values are
        all numbers; and the `measure`, the name of a metric.

    Returns
    -------
    matplotlib.figure.Figure
    """
    keys, measure = list(spec["keys"]), measured.of(spec["measure"])
    columns = min(len(keys), PANELS_IN_A_ROW)
    rows = -(-len(keys) // columns)
    size = (5.6 * columns + (0.6 if columns == 1 else 0), 3.4 * rows + 0.5)
    figure, axes = figures.plt.subplots(rows, columns, figsize=size, squeeze=False)
    for one in axes.flat[len(keys) :]:
        one.remove()
    for one, key in zip(axes.flat, keys, strict=False):
        draw_panel(one, table, key, spec)
        one.set_ylabel(measure.unit)
    values = table[[spec["measure"] + end for end in ("", "_lowest", "_highest")]].to_numpy(float)
    if np.isfinite(values).any() and np.nanmin(values) > 0 and np.nanmax(values) > WIDE * np.nanmin(values):
        for one in axes.flat[: len(keys)]:
            one.set_yscale("log")
            one.yaxis.set_major_formatter(figures.plain_numbers())
            one.yaxis.set_minor_formatter(figures.plain_numbers())
    title = f"{spec['name']}: {measure.words} by {', '.join(keys)}"
    figures.headline(figure, title, fontsize=11, x=0.01, ha="left")
    return figure


def draw_panel(axes: figures.plt.Axes, table: pd.DataFrame, key: str, spec: dict[str, Any]) -> None:
    """Draw the measure against one key; the arguments are those of `draw`."""
    name, others = spec["measure"], [other for other in spec["keys"] if other != key]
    places = places_of(spec["keys"][key], key in spec["numbers"])
    groups = list(table.groupby(others, sort=False)) if others else [((), table)]
    if len(groups) <= MOST_LINES:
        for (values, group), colour in zip(groups, line_colours(spec, others, len(groups)), strict=True):
            style = "-" if key in spec["numbers"] else ":" if others else "none"
            draw_line(axes, group.assign(place=group[key].map(places)), name, colour, ", ".join(values), style)
    else:
        axes.plot(table[key].map(places), table[name], ".", color=ALL, markersize=4, alpha=0.5, label="a model")
        by_value = table.groupby(key, sort=False)[name]
        best = by_value.max() if measured.of(name).higher_is_better else by_value.min()
        for values, colour, label in ((best, BEST_OF, "best of each value"), (by_value.median(), MEDIAN, "median")):
            ordered = sorted((places[value], found) for value, found in values.items())
            axes.plot(*zip(*ordered, strict=True), color=colour, label=label)
    marked = table[table["best"]]
    if len(marked):
        ring = {"s": 130, "facecolors": "none", "edgecolors": figures.RIGHT, "linewidths": 2, "zorder": 5}
        axes.scatter(marked[key].map(places), marked[name], label="best by validation", **ring)
    axes.set_xlabel(key)
    scale(axes, places, key in spec["numbers"])
    if axes.get_legend_handles_labels()[0]:
        shown = ", ".join(others) if others and len(groups) <= MOST_LINES else None
        beside = {"loc": "upper left", "bbox_to_anchor": (1, 1)}
        axes.legend(title=shown, fontsize=7.5, title_fontsize=7.5, alignment="left", **beside)


def draw_line(axes: figures.plt.Axes, group: pd.DataFrame, name: str, colour: str, label: str, style: str) -> None:
    """Draw models that differ in one key alone: their means over seeds, with bars from the lowest to the highest.

    Parameters
    ----------
    axes : plt.Axes
        Where to draw.
    group : pd.DataFrame
        Their rows, with a column `place` for where they are on the axis of the key.
    name : str
        The name of the metric.
    colour, label, style : str
        The line's colour, its text in the legend, and how it is drawn.
    """
    ordered = group.sort_values("place", kind="stable")
    marker = {"marker": "o", "markersize": 4 if len(ordered) <= 30 else 2}
    label = textwrap.shorten(label, 3 * MOST_LETTERS, placeholder="...")
    axes.plot(ordered["place"], ordered[name], linestyle=style, color=colour, label=label, **marker)
    if ordered["seeds"].max() > 1:
        axes.vlines(ordered["place"], ordered[f"{name}_lowest"], ordered[f"{name}_highest"], color=colour, alpha=0.5)


def line_colours(spec: dict[str, Any], others: list[str], count: int) -> list:
    """Return the colours of lines: a sequence from dark to light if they differ in one number, distinct ones if not."""
    if len(others) == 1 and others[0] in spec["numbers"]:
        return list(figures.matplotlib.colormaps["viridis"](np.linspace(0, 0.85, count)))
    return figures.COLOURS[:count]


def places_of(values: list[str], numbers: bool) -> dict[str, float]:
    """Return where each value of a key is on its axis: a number at itself, others one after another."""
    return {value: float(value) if numbers else float(n) for n, value in enumerate(values)}


def scale(axes: figures.plt.Axes, places: dict[str, float], numbers: bool) -> None:
    """Give the axis of a key its scale and its ticks, labelled as the values are written if there are few of them."""
    found = np.array(sorted(places.values()))
    if numbers and found[0] > 0 and unevenness(np.log(found)) < 0.99 * unevenness(found):
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(figures.plain_numbers())
        axes.xaxis.set_minor_formatter(figures.plain_numbers())
    if len(places) <= MOST_TICKS:
        labels = [f"{place:g}" if numbers else label(value) for value, place in places.items()]
        axes.set_xticks(list(places.values()), labels)
        axes.minorticks_off()
        if max(map(len, labels)) * len(labels) > 60 and "\n" not in "".join(labels):
            axes.tick_params(axis="x", rotation=45)
    if not numbers:
        axes.set_xlim(-0.5, len(places) - 0.5)


def unevenness(values: np.ndarray) -> float:
    """Return how many times the smallest gap between sorted values the largest is; 1 if there are fewer than two."""
    gaps = np.diff(values)
    return float(gaps.max() / gaps.min()) if len(gaps) else 1.0


def label(value: str) -> str:
    """Break a long value into at most four lines, and cut what is longer."""
    return "\n".join(textwrap.wrap(value, MOST_LETTERS, max_lines=4, placeholder="...")) or "''"


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        names = [spec["measure"] + end for end in ("", "_lowest", "_highest")]
        table = read_table(snakemake.input[0], ["seeds", "best", *names], text=spec["keys"])
        figures.save(draw(table, spec), snakemake.output[0])

"""Draw two metrics against each other: the Parzen window and the Fréchet distance.

Inputs: the table of `measure_generators`.

Outputs: one figure, one point per set of samples. Arrows lead from one Gaussian, or from a prior, to a mixture of
Gaussians on the codes of the same model.
"""

import numpy as np
import pandas as pd

from aelab.analysis.sample_metrics import CENTRES, HELD_OUT, TRAINING, WAYS, words_of
from aelab.data.shown import Shown
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs
from aelab.report import figures

FONT_SIZE = 7
COLOURS = {
    **{"real": "#2a7f3f", "centres": "#bd1f01", "prior": "#832db6", "gaussian": "#94a4a2"},
    **{"mixture": "#3f90da", "score": "#ffa90e", "chain": "#a96b59"},
}


def draw(table: pd.DataFrame, data: Shown) -> figures.plt.Figure:
    """Draw the sets by both metrics.

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
    figure, axes = figures.plt.subplots(figsize=(9.4, 6))
    rows = table.set_index("name")
    for model in rows["model"].unique():
        end = f"{model}.mixture"
        for start in (f"{model}.gaussian", f"{model}.prior"):
            if start in rows.index and end in rows.index:
                (x0, y0), (x1, y1) = (rows.loc[name, ["frechet", "parzen"]] for name in (start, end))
                arrow = {"arrowstyle": "-|>", "color": COLOURS["mixture"], "lw": 1, "shrinkA": 5, "shrinkB": 5}
                axes.annotate("", (x1, y1), (x0, y0), arrowprops=arrow)
    for way, own in table.groupby("way", sort=False):
        marker = "*" if way in ("real", "centres") else "o"
        words = {"real": f"real {data.words}", "centres": "k-means centres"}.get(way, WAYS.get(way))
        size = 150 if marker == "*" else 42
        axes.scatter(own["frechet"], own["parzen"], s=size, marker=marker, color=COLOURS[way], label=words, zorder=3)
    axes.axhline(rows.loc[HELD_OUT, "parzen"], color=COLOURS["real"], lw=0.8, ls=":", zorder=1)
    axes.axvline(rows.loc[HELD_OUT, "frechet"], color=COLOURS["real"], lw=0.8, ls=":", zorder=1)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(figures.plain_numbers())
    axes.xaxis.set_minor_formatter(figures.plain_numbers())
    axes.margins(x=0.24, y=0.08)
    axes.set_xlabel("Fréchet distance in the features of the judge (left is better)")
    axes.set_ylabel("Parzen window: nats per image (up is better)")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=7, fontsize=8)
    figures.headline(figure, headline(rows, data), x=0.01, ha="left", fontsize=11)
    figure.draw_without_rendering()  # only now is it known where the points are
    words = [
        words_of(name) if name in (HELD_OUT, TRAINING, CENTRES) else rows.loc[name, "model"] for name in rows.index
    ]
    places = axes.transData.transform(rows[["frechet", "parzen"]].to_numpy()) * 72 / figure.dpi
    for word, point, offset in zip(
        words,
        rows[["frechet", "parzen"]].to_numpy(),
        offsets(places, words, 72 * figure.get_figwidth() - 10),
        strict=True,
    ):
        axes.annotate(word, point, offset, textcoords="offset points", fontsize=FONT_SIZE, in_layout=False)
    return figure


def offsets(places: np.ndarray, words: list[str], end: float) -> list[tuple[float, float]]:
    """Choose where to write a word beside each point, so that no word lies on another word or point if possible.

    Parameters
    ----------
    places : np.ndarray, shape (n, 2)
        The points, in points of type.
    words : list of str
        The words.
    end : float
        The right edge of the figure, in points of type.

    Returns
    -------
    list of (float, float)
        The distance of the lower left corner of each word from its point, in points of type.
    """
    taken = [(x - 4, y - 4, x + 4, y + 4) for x, y in places]
    found = []
    for (x, y), word in zip(places, words, strict=True):
        width = 0.58 * FONT_SIZE * len(word)
        sides = [(7, 2), (7, -9), (-width - 7, 2), (-width - 7, -9)]
        candidates = sides + [(dx, dy + step) for step in (9, -9, 18, -18, 27, -27) for dx, dy in sides[::2]]

        def overlaps(offset: tuple[float, float], x: float = x, y: float = y, width: float = width) -> int:
            left, low = x + offset[0], y + offset[1]
            right, high = left + width, low + FONT_SIZE
            return (right > end) * len(taken) + sum(
                left < b[2] and b[0] < right and low < b[3] and b[1] < high for b in taken
            )

        best = min(candidates, key=overlaps)
        taken.append((x + best[0], y + best[1], x + best[0] + width, y + best[1] + FONT_SIZE))
        found.append(best)
    return found


def headline(rows: pd.DataFrame, data: Shown) -> str:
    """Return what the figure shows in a sentence, given the table by name."""
    above = int((rows["parzen"].drop([HELD_OUT, TRAINING]) > rows.loc[HELD_OUT, "parzen"]).sum())
    nearer = int((rows["frechet"].drop([HELD_OUT, TRAINING]) < rows.loc[HELD_OUT, "frechet"]).sum())
    others = len(rows) - 2
    return (
        f"Of {others} sets that are no real {data.words}, {above} are better than held-out ones by the Parzen window, "
        f"{nearer} by the Fréchet distance"
    )


if "snakemake" in globals():
    with frame.job(snakemake):
        columns = ["name", "way", "model", "parzen", "frechet"]
        table = read_table(snakemake.input[0], columns, text=["name", "way", "model"])
        figures.save(draw(table, Shown.of(specs.parse(snakemake.params.spec))), snakemake.output[0])

"""Draw how near samples are to training images, and which of them are copies.

Inputs: the table and the neighbours of `measure_generators`.

Outputs: one figure with one row per set: the distance to the nearest training image, that distance as a share of the
distance to the second nearest one, and the share of copies.
"""

import numpy as np
import pandas as pd

from aelab.analysis.sample_metrics import HELD_OUT, TRAINING, words_of
from aelab.data.shown import Shown
from aelab.files.arrays import read_arrays
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs
from aelab.report import figures

COLOURS = {HELD_OUT: "#2a7f3f", TRAINING: "#bd1f01"}
OTHER = "#3f90da"


def shares(distances: np.ndarray) -> np.ndarray:
    """Return the distances to the nearest of two references as shares of those to the second; 0 where both are 0."""
    return distances[:, 0] / np.where(distances[:, 1] > 0, distances[:, 1], 1)


def draw(table: pd.DataFrame, found: dict[str, np.ndarray], ratio: float, data: Shown) -> figures.plt.Figure:
    """Draw distances, shares and copies.

    Parameters
    ----------
    table : pd.DataFrame
        The table of `measure_generators`.
    found : dict of str to np.ndarray
        `<name>_distances` (m, 2) of each set.
    ratio : float
        Below which share an image is a copy.
    data : Shown
        Words for what the images show.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    names = list(table["name"])
    figure, axes = figures.plt.subplots(
        1, 3, figsize=(11, 0.3 * len(names) + 1.7), sharey=True, width_ratios=(3, 3, 1.5)
    )
    places = np.arange(len(names), 0, -1)
    for place, name in zip(places, names, strict=True):
        colour, distances = COLOURS.get(name, OTHER), found[f"{name}_distances"]
        lines = {f"{part}props": {"color": colour} for part in ("median", "whisker", "cap")}
        for one, values in zip(axes, (distances[:, 0], shares(distances)), strict=False):
            one.boxplot(
                values,
                positions=[place],
                orientation="horizontal",
                widths=0.55,
                whis=(5, 95),
                showfliers=False,
                patch_artist=True,
                manage_ticks=False,
                boxprops={"facecolor": colour, "alpha": 0.4, "linewidth": 0},
                **lines,
            )
    axes[1].axvline(ratio, color="black", ls=":", lw=1)
    axes[2].barh(places, 100 * table["copies"], height=0.55, color=[COLOURS.get(name, OTHER) for name in names])
    for place, value in zip(places, table["copies"], strict=True):
        axes[2].text(100 * value + 4, place, f"{value:.1%}", va="center", fontsize=7)
    axes[2].set_xlim(0, 145)
    axes[2].set_xticks((0, 50, 100))
    axes[0].set_yticks(places, [words_of(name) for name in names])
    axes[0].set_ylim(0.3, len(names) + 0.7)
    axes[0].set_xlabel("Euclidean distance to the\nnearest training image (5 to 95 %)")
    axes[1].set_xlabel(f"as a share of that to the second nearest\n(below {ratio:g}: a copy)")
    axes[2].set_xlabel("% copies")
    own = table.set_index("name")
    nearer = int((own["distance"].drop([HELD_OUT, TRAINING]) < own.loc[HELD_OUT, "distance"]).sum())
    figures.headline(
        figure,
        f"{nearer} of {len(names) - 2} other sets are nearer to training images than held-out {data.words} are, but "
        f"near is not copied. {own.loc[TRAINING, 'copies']:.0%} of training images, {own.loc[HELD_OUT, 'copies']:.1%} "
        "of held-out ones are copies",
        x=0.01,
        ha="left",
        fontsize=11,
    )
    return figure


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        table = read_table(snakemake.input.table, ["name", "distance", "copies"], text=["name", "way", "model"])
        found = read_arrays(snakemake.input.nearest)
        figures.save(draw(table, found, spec["copies"]["ratio"], Shown.of(spec)), snakemake.output[0])

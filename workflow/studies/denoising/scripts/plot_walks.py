"""Draw the walks from noise of the denoising study.

Inputs: the walks of `iterate_reconstructions`; their distances and their table of `measure_walks`; test images; the
split.

Outputs: three figures:

- `trajectories`: the images along the walk from the first start, one row per model, with the published iteration on
  the left and the score iteration on the right, each followed by the nearest held-out digit;
- `residuals`: ||r(x) - x|| by step, one panel per model;
- `ends`: where the walks end, compared with real digits.
"""

import numpy as np
import pandas as pd

from aelab.analysis import iterations
from aelab.data import datasets, idx
from aelab.data.shown import Shown
from aelab.files.arrays import read_arrays
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs
from aelab.report import figures

COLOURS = {"published": "#bd1f01", "score": "#3f90da"}
WORDS = {
    "published": "published iteration: x + r(x) - r(mean {word}), normalised, inverted",
    "score": "score iteration: x + eta (r(x) - x)",
}


def trajectories(
    members: list[dict], walks: dict[str, np.ndarray], distances: dict[str, np.ndarray], digits: np.ndarray, data: Shown
) -> figures.plt.Figure:
    """Draw the images along the walk from the first start.

    Parameters
    ----------
    members : list of dict
        The models of the study, with their `name`.
    walks : dict of str to np.ndarray
        The arrays that `iterate_reconstructions` writes.
    distances : dict of str to np.ndarray
        The arrays that `measure_walks` writes.
    digits : np.ndarray
        Held-out test images (m, pixels) with pixels in [0, 1].
    data : Shown
        Shape of the images and names of the classes.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    shown = walks["shown_steps"]
    columns = len(shown) + 1
    figure, axes = figures.image_grid(len(members), 2 * columns + 1, size=0.62, header=1.2, margin=1.7)
    for row, member in enumerate(members):
        axes[row, columns].set_visible(False)
        for number, name in enumerate(iterations.ITERATIONS):
            left = number * (columns + 1)
            for column, image in enumerate(walks["trajectories"][row, number]):
                figures.show_image(axes[row, left + column], data.planes(image))
            last = axes[row, left + columns - 1]
            nearest = digits[distances["nearest"][row, number, 0]]
            figures.show_image(last, data.planes(nearest), "#94a4a2")
            last.set_xlabel(f"{distances['distances'][row, number, 0]:.1f} away", fontsize=6.5, labelpad=2)
            end = axes[row, left + columns - 2]
            read_as, confidence = (walks[key][row, number, 0] for key in ("read_as", "confidence"))
            end.set_xlabel(f"{data.name(read_as)} ({confidence:.2f})", fontsize=6.5, labelpad=2)
            if row == 0:
                for column, step in enumerate(shown):
                    axes[0, left + column].set_title(f"{step}", fontsize=7.5, loc="center", fontweight="normal")
                last.set_title(f"nearest\ntest {data.word}", fontsize=7, loc="center", fontweight="normal")
                header_text = axes[0, left].text(
                    -0.1,
                    1.75,
                    WORDS[name].format(word=data.word),
                    transform=axes[0, left].transAxes,
                    fontweight="bold",
                    color=COLOURS[name],
                )
                header_text.set_in_layout(False)
        figures.row_title(axes[row, 0], figures.wrapped(member["name"], 20))
    real = float(np.median(distances["real_distances"]))
    near = [int((distances["distances"][:, number, 0] <= real).sum()) for number in range(2)]
    figures.headline(
        figure,
        f"From one image of noise, by number of steps: after step {shown[-1]}, {near[0]} of {len(members)} models "
        f"(published) and\n{near[1]} (score) are as near to a held-out {data.word} as real {data.words} are to another "
        f"({real:.1f})\n",
        x=0.01,
        ha="left",
        fontsize=11,
    )
    return figure


def residuals(
    members: list[dict], walks: dict[str, np.ndarray], table: pd.DataFrame, data: Shown
) -> figures.plt.Figure:
    """Draw the median and the quartiles of ||r(x) - x|| by step.

    Parameters
    ----------
    members : list of dict
        The models of the study, with their `name`.
    walks : dict of str to np.ndarray
        The arrays that `iterate_reconstructions` writes.
    table : pd.DataFrame
        The table of `measure_walks`.
    data : Shown
        Words for what the images show.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    columns = 4
    rows = -(-len(members) // columns)
    figure, axes = figures.plt.subplots(
        rows, columns, figsize=(12, 2.35 * rows + 0.7), sharex=True, sharey=True, squeeze=False
    )
    for one in axes.flat[len(members) :]:
        one.remove()
    steps = np.arange(walks["residuals"].shape[2])
    for row, (one, member) in enumerate(zip(axes.flat, members, strict=False)):
        for number, name in enumerate(iterations.ITERATIONS):
            low, middle, high = np.quantile(walks["residuals"][row, number], (0.25, 0.5, 0.75), axis=1)
            one.fill_between(steps, low, high, color=COLOURS[name], alpha=0.2, linewidth=0)
            one.plot(steps, middle, color=COLOURS[name], label=WORDS[name].format(word=data.word))
        one.axhline(
            np.median(walks["real_residuals"][row]), color="black", ls=":", lw=1, label=f"median of real {data.words}"
        )
        own = table[table["name"] == member["name"]].set_index("iteration")["converged"]
        one.set_title(f"{member['name']}\nat rest: {own['published']:.0%}, {own['score']:.0%}", fontsize=8)
        one.set_yscale("log")
    for one in axes[:, 0]:
        one.set_ylabel("||r(x) - x||")
    for column in range(columns):
        axes[max(row for row in range(rows) if row * columns + column < len(members)), column].set_xlabel("step")
    figure.legend(*axes.flat[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    at_rest = table.groupby("iteration")["converged"].mean()
    figures.headline(
        figure,
        "Does the iteration come to rest? Share of the walks that end with no larger ||r(x) - x|| than half of the "
        f"real {data.words}:\n{at_rest['published']:.0%} by the published iteration, {at_rest['score']:.0%} by the "
        "score iteration, mean over models (lines: medians; bands: quartiles)",
        x=0.01,
        ha="left",
        fontsize=10.5,
    )
    return figure


def ends(
    members: list[dict],
    walks: dict[str, np.ndarray],
    distances: dict[str, np.ndarray],
    table: pd.DataFrame,
    data: Shown,
) -> figures.plt.Figure:
    """Draw for each model how near to real digits the walks end, how surely they are read, and how they spread.

    Parameters
    ----------
    members : list of dict
        The models of the study, with their `name`.
    walks : dict of str to np.ndarray
        The arrays that `iterate_reconstructions` writes.
    distances : dict of str to np.ndarray
        The arrays that `measure_walks` writes.
    table : pd.DataFrame
        The table of `measure_walks`.
    data : Shown
        Names of the classes.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    figure, axes = figures.plt.subplots(
        1, 4, figsize=(13, 0.42 * len(members) + 1.9), sharey=True, width_ratios=(3, 3, 2, 2)
    )
    places = np.arange(len(members), 0, -1)
    for number, name in enumerate(iterations.ITERATIONS):
        own = table[table["iteration"] == name]
        at = places + (0.17, -0.17)[number]
        for one, values in zip(axes, (distances["distances"], walks["confidence"]), strict=False):
            lines = {f"{part}props": {"color": COLOURS[name]} for part in ("median", "whisker", "cap")}
            one.boxplot(
                values[:, number].T,
                positions=at,
                orientation="horizontal",
                widths=0.26,
                whis=(5, 95),
                showfliers=False,
                patch_artist=True,
                manage_ticks=False,
                boxprops={"facecolor": COLOURS[name], "alpha": 0.4, "linewidth": 0},
                **lines,
            )
        axes[2].barh(at, own["digits_read"], height=0.3, color=COLOURS[name], alpha=0.3)
        axes[2].barh(at, own["digits_reached"], height=0.3, color=COLOURS[name])
        axes[3].barh(at, own["spread"], height=0.3, color=COLOURS[name])
    low, middle, high = np.quantile(distances["real_distances"], (0.05, 0.5, 0.95))
    axes[0].axvspan(low, high, color="black", alpha=0.1, linewidth=0)
    axes[0].axvline(middle, color="black", linestyle=":", linewidth=1)
    axes[0].set_xlabel(f"distance to the nearest held-out {data.word}\n(grey: of real {data.words}, 5 to 95 %)")
    axes[1].set_xlabel("confidence of the judge")
    axes[2].set_xlabel(f"{data.words} read (pale) and\nreached (full)")
    axes[2].set_xlim(0, len(data.classes) + 0.5)
    axes[2].set_xticks(range(0, len(data.classes) + 1, max(2, len(data.classes) // 5)))
    axes[3].set_xticks((0.5, 1))
    axes[0].set_ylim(0.4, len(members) + 0.6)
    axes[3].set_xlabel(f"spread of the ends\n(1: as {data.words})")
    axes[0].set_yticks(places, [member["name"] for member in members])
    handles = [
        figures.plt.Line2D([], [], color=COLOURS[name], linewidth=6, label=WORDS[name].format(word=data.word))
        for name in COLOURS
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=2)
    best = table.loc[table["arrived"].idxmax()]
    figures.headline(
        figure,
        f"Where {walks['starts'].shape[0]} walks from noise end. Most arrive (at rest, near {data.a_word}, read with "
        f"90 % confidence) with {best['name']},\n{best['iteration']} iteration: {best['arrived']:.0%}, at "
        f"{best['digits_reached']:.0f} different {data.words}",
        x=0.01,
        ha="left",
        fontsize=10.5,
    )
    return figure


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        members, data = spec["members"], Shown.of(spec)
        walks = read_arrays(snakemake.input.walks)
        distances = read_arrays(snakemake.input.distances)
        table = read_table(snakemake.input.table, ["name", "iteration", "converged", "arrived", "digits_reached"])
        rows = datasets.read_split(snakemake.input.split)["test"]
        digits = datasets.unit(idx.read_images(snakemake.input.images)[rows])
        output = snakemake.output
        figures.save(trajectories(members, walks, distances, digits, data), output.trajectories)
        figures.save(residuals(members, walks, table, data), output.residuals)
        figures.save(ends(members, walks, distances, table, data), output.ends)

"""Draw the walks from noise of the denoising study.

Inputs: the walks of `iterate_reconstructions`; their distances and their table of `measure_walks`; test images; the
split.

Outputs: three figures:

- `trajectories`: the images along the walk from the first start, one row per model, with the published iteration on
  the left, followed by its target r(m), and the score iteration on the right, each with the nearest held-out digit;
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
from aelab.report import figures, grids

COLOURS = {"plain": "#94a4a2", "normalised": "#bd1f01", "score": "#3f90da"}
LABELS = {
    "plain": "published: x + eta (r(x) - r(m))",
    "normalised": "published, divided by ||x|| after each step",
    "score": "score iteration: x + eta (r(x) - x)",
}
COMPARED = (("inverted", "short"), ("score", "long"))  # picture and length: as published, and the score iteration


def columns_of(walks: dict[str, np.ndarray]) -> list[tuple[str, int]]:
    """Return the pictures that each row of the figure of trajectories shows: names and numbers of steps."""
    short, steps = int(walks["lengths"][0]), walks["shown_steps"].tolist()
    return [
        ("plain", 0),
        ("plain", short),
        ("normalised", short),
        *(("inverted", step) for step in steps[1:]),
        *(("score", step) for step in steps),
    ]


def picture(walks: dict[str, np.ndarray], row: int, name: str, step: int) -> np.ndarray:
    """Return one picture (pixels,) of a model's walk from the first start."""
    walk = iterations.WALKS.index(iterations.PICTURES[name][0])
    number = walks["shown_steps"].tolist().index(step)
    return iterations.picture(walks["trajectories"][row, walk, number], name)


def trajectories(
    members: list[dict],
    walks: dict[str, np.ndarray],
    found: dict[str, np.ndarray],
    table: pd.DataFrame,
    digits: np.ndarray,
    data: Shown,
) -> figures.plt.Figure:
    """Draw the images along the walk from the first start.

    Parameters
    ----------
    members : list of dict
        The models of the study, with their `name`.
    walks : dict of str to np.ndarray
        The arrays that `iterate_reconstructions` writes.
    found : dict of str to np.ndarray
        The arrays that `measure_walks` writes.
    table : pd.DataFrame
        The table of `measure_walks`.
    digits : np.ndarray
        Held-out test images (m, pixels) with pixels in [0, 1].
    data : Shown
        Shape of the images and names of the classes.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    shown = columns_of(walks)
    first_score = next(number for number, (name, _) in enumerate(shown) if name == "score")
    places = [number + (3 if number >= first_score else 0) for number in range(len(shown))]
    grid = grids.ImageGrid(len(members), places[-1] + 2, data.shape, size=0.56, header=1.4, margin=1.7)
    headers = {0: "start", 1: "plain", 2: "norma-\nlised"}
    ends = {
        ("inverted", int(walks["lengths"][0])): (2, 0, first_score + 1),
        ("score", int(walks["lengths"][1])): (3, 1, places[-1] + 1),
    }
    for row, member in enumerate(members):
        grid.show(row, first_score, data.planes(iterations.as_shown(walks["targets"][row])), "#94a4a2")
        for number, (place, (name, step)) in enumerate(zip(places, shown, strict=True)):
            grid.show(row, place, data.planes(picture(walks, row, name, step)))
            if (name, step) in ends and number > 2:
                kind, length, at = ends[name, step]
                read_as, confidence, distance, nearest = (
                    found[key][row, kind, length, 0] for key in ("read_as", "confidence", "distances", "nearest")
                )
                grid.caption(row, place, f"{data.name(read_as)} ({confidence:.2f})")
                grid.show(row, at, data.planes(digits[nearest]), "#94a4a2")
                grid.caption(row, at, f"{distance:.1f} away")
            if row == 0:
                words = headers.get(number, "") + (f"\n{step}" if step else "")
                grid.title_column(place, words.strip() or "0")
        grid.title_row(row, figures.wrapped(member["name"], 20))
    for place, words in ((first_score, "r(m)"), (first_score + 1, "nearest"), (places[-1] + 1, "nearest")):
        grid.title_column(place, words)
    for place, words, colour in (
        (3, "published, normalised, inverted: by step", COLOURS["normalised"]),
        (places[first_score], f"{LABELS['score']}: by step", COLOURS["score"]),
    ):
        grid.text(grid.place(0, place)[1] - 3, -0.9 * grid.height, words, colour, fontweight="bold", fontsize=8.5)
    own = table.set_index(["picture", "length"]).sort_index()
    near, read = (own.loc[COMPARED[0], column].mean() for column in ("near", "read_as_target"))
    figures.headline(
        grid.figure,
        f"From one image of noise, with the target {data.name(walks['digit'])}. Over all starts and models, {read:.0%} "
        f"of the pictures\nare read as that after {walks['lengths'][0]} published steps, and {near:.0%} are as near to "
        f"a held-out {data.word} as real ones;\nafter {walks['lengths'][1]} steps of the score iteration, "
        f"{own.loc[COMPARED[1], 'near'].mean():.0%} are as near\n",
        x=0.01,
        ha="left",
        fontsize=10.5,
    )
    return grid.drawn()


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
        for number, name in enumerate(iterations.WALKS):
            low, middle, high = np.quantile(walks["residuals"][row, number], (0.25, 0.5, 0.75), axis=1)
            one.fill_between(steps, low, high, color=COLOURS[name], alpha=0.2, linewidth=0)
            one.plot(steps, middle, color=COLOURS[name], label=LABELS[name])
        one.axhline(
            np.median(walks["real_residuals"][row]), color="black", ls=":", lw=1, label=f"median of real {data.words}"
        )
        own = table[(table["name"] == member["name"]) & (table["length"] == "long")].set_index("picture")["converged"]
        shares = ", ".join(f"{own[name]:.0%}" for name in iterations.WALKS)
        one.set_title(f"{member['name']}\nat rest at the end: {shares}", fontsize=7.5)
        one.set_yscale("log")
    for one in axes[:, 0]:
        one.set_ylabel("||r(x) - x||")
    for column in range(columns):
        axes[max(row for row in range(rows) if row * columns + column < len(members)), column].set_xlabel("step")
    figure.legend(*axes.flat[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize=8)
    at_rest = table[table["length"] == "long"].groupby("picture")["converged"].mean()
    figures.headline(
        figure,
        "Does the iteration come to rest, with no larger ||r(x) - x|| than the median of real "
        f"{data.words}?\nMean over models: {at_rest['plain']:.0%} of the walks (published), "
        f"{at_rest['normalised']:.0%} (published, normalised), {at_rest['score']:.0%} (score)",
        x=0.01,
        ha="left",
        fontsize=10.5,
    )
    return figure


def ends(
    members: list[dict],
    walks: dict[str, np.ndarray],
    found: dict[str, np.ndarray],
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
    found : dict of str to np.ndarray
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
    colours = (COLOURS["normalised"], COLOURS["score"])
    for number, ((name, length), colour) in enumerate(zip(COMPARED, colours, strict=True)):
        own = table[(table["picture"] == name) & (table["length"] == length)]
        at = places + (0.17, -0.17)[number]
        column = list(iterations.PICTURES).index(name), iterations.LENGTHS.index(length)
        for one, values in zip(axes, (found["distances"], found["confidence"]), strict=False):
            lines = {f"{part}props": {"color": colour} for part in ("median", "whisker", "cap")}
            one.boxplot(
                values[:, *column].T,
                positions=at,
                orientation="horizontal",
                widths=0.26,
                whis=(5, 95),
                showfliers=False,
                patch_artist=True,
                manage_ticks=False,
                boxprops={"facecolor": colour, "alpha": 0.4, "linewidth": 0},
                **lines,
            )
        axes[2].barh(at, own["digits_read"], height=0.3, color=colour, alpha=0.3)
        axes[2].barh(at, own["digits_reached"], height=0.3, color=colour)
        axes[3].barh(at, own["spread"], height=0.3, color=colour)
    low, middle, high = np.quantile(found["real_distances"], (0.05, 0.5, 0.95))
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
    words = (
        f"published, normalised, inverted, {walks['lengths'][0]} steps",
        f"{LABELS['score']}, {walks['lengths'][1]} steps",
    )
    handles = [
        figures.plt.Line2D([], [], color=colour, linewidth=6, label=word)
        for colour, word in zip(colours, words, strict=True)
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=2)
    best = table.loc[table["arrived"].idxmax()]
    figures.headline(
        figure,
        f"Where {walks['starts'].shape[0]} walks from noise end. Most arrive (at rest, near {data.a_word}, read with "
        f"90 % confidence) with {best['name']},\n{best['picture']}, {best['steps']:.0f} steps: {best['arrived']:.0%}, "
        f"at {best['digits_reached']:.0f} different {data.words}",
        x=0.01,
        ha="left",
        fontsize=10.5,
    )
    return figure


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        members, data = spec["members"], Shown.of(spec)
        walks, found = read_arrays(snakemake.input.walks), read_arrays(snakemake.input.distances)
        table = read_table(snakemake.input.table, ["name", "picture", "length", "converged", "arrived"])
        rows = datasets.read_split(snakemake.input.split)["test"]
        digits = datasets.unit(idx.read_images(snakemake.input.images)[rows])
        output = snakemake.output
        figures.save(trajectories(members, walks, found, table, digits, data), output.trajectories)
        figures.save(residuals(members, walks, table, data), output.residuals)
        figures.save(ends(members, walks, found, table, data), output.ends)

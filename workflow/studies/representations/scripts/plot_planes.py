"""Draw how well the planes keep neighbours and classes together, beside what was published of learned planes.

Inputs: the table of `measure_planes`.

Outputs: one figure: trustworthiness against continuity (dotted: published by others), and the accuracies of the nearest
and of the ten nearest codes.
"""

import pandas as pd

from aelab.data.shown import Shown
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs
from aelab.report import figures

BY = {"one_nn": ("nearest", "o"), "ten_nn": ("ten nearest", "D")}


def draw(planes: pd.DataFrame, published: list[dict], neighbours: int, data: Shown) -> figures.plt.Figure:
    """Draw the planes.

    Parameters
    ----------
    planes : pd.DataFrame
        The table of `measure_planes`.
    published : list of dict
        `name`, `one_nn`, `ten_nn` and `trustworthiness` (shares, or None) of planes of others.
    neighbours : int
        Neighbours that trustworthiness and continuity look at.
    data : Shown
        What the images show.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    planes = planes.sort_values("ten_nn", kind="stable").reset_index(drop=True)
    figure, (left, right) = figures.plt.subplots(
        1, 2, figsize=(11, 0.26 * (len(planes) + len(published)) + 2), width_ratios=(1, 1.1)
    )
    for row, own in planes.iterrows():
        colour = figures.GROUP_COLOURS[own["group"]]
        left.scatter(own["continuity"], own["trustworthiness"], s=30, color=colour, linewidths=0)
        left.annotate(
            str(row + 1), own[["continuity", "trustworthiness"]], xytext=(4, 3), textcoords="offset points", fontsize=7
        )
    for own in published:
        if own["trustworthiness"] is not None:
            left.axhline(own["trustworthiness"], color="black", lw=0.8, ls=":", zorder=0)
            place = (1, own["trustworthiness"])
            left.annotate(
                own["name"], place, (-3, 2), ("axes fraction", "data"), "offset points", ha="right", fontsize=7
            )
    left.set_xlabel(f"continuity: do the {neighbours} nearest images stay near?")
    left.set_ylabel(f"trustworthiness: were the {neighbours} nearest codes near?")
    left.margins(0.12)
    best = planes.loc[planes["trustworthiness"].idxmax()]
    left.set_title(f"{best['representation']} keeps neighbours best ({best['trustworthiness']:.3f})", fontsize=9.5)
    names = [f"{name}  {row + 1}" for row, name in enumerate(planes["representation"])]
    others = sorted(published, key=lambda each: each["ten_nn"] or each["one_nn"] or 0)
    for by, (_, marker) in BY.items():
        right.scatter(
            100 * planes[by], planes.index, marker=marker, s=26, linewidths=0,
            color=[figures.GROUP_COLOURS[group] for group in planes["group"]],
        )  # fmt: skip
        for row, own in enumerate(others, len(planes)):
            if own[by] is not None:
                right.scatter(100 * own[by], row, marker=marker, s=26, facecolors="none", edgecolors="black")
    right.set_yticks(range(len(names) + len(others)), [*names, *(own["name"] for own in others)], fontsize=7.5)
    if others:
        right.axhline(len(planes) - 0.5, color="#b0b0b0", lw=0.8)
    best = planes.iloc[-1]
    right.set_title(f"{best['representation']} keeps classes best: {best['ten_nn']:.1%}", fontsize=9.5)
    right.set_xlabel(f"test {data.words} known by their neighbours in the plane (%)")
    handles = [
        figures.plt.Line2D([], [], ls="", marker=marker, color="black", ms=5, label=words)
        for words, marker in BY.values()
    ]
    if others:
        options = {"ls": "", "marker": "o", "mfc": "none", "mec": "black", "ms": 5}
        handles.append(figures.plt.Line2D([], [], label="published by others", **options))
    handles += [
        figures.plt.Line2D([], [], ls="", marker="s", color=figures.GROUP_COLOURS[group], ms=5, label=group)
        for group in figures.GROUP_COLOURS
        if group in set(planes["group"])
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles))
    figures.headline(
        figure,
        f"What is kept in a plane? Neighbours up to {planes['trustworthiness'].max():.3f}, classes up to "
        f"{planes['ten_nn'].max():.0%}",
        fontsize=11,
    )
    return figure


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        planes = read_table(snakemake.input[0], ["representation", "group", *BY, "trustworthiness", "continuity"])
        count = spec["neighbourhoods"]["neighbours"]
        figures.save(draw(planes, spec["published_planes"], count, Shown.of(spec)), snakemake.output[0])

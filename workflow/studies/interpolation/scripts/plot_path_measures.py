"""Draw the judge's confidence and the distance to the training images along the paths between codes.

Inputs: the table along the paths and the table of plausibility of `measure_paths`.

Outputs: one figure with one column per kind of pairs, confidence above and distance below, and one line per series.
"""

import pandas as pd

from aelab.data.shown import Shown
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs
from aelab.report import figures

STYLES = {"linear": "-", "spherical": "--"}
MODEL_COLOURS = ["#bd1f01", "#3f90da", "#832db6", "#ffa90e", "#a96b59"]
QUANTITIES = (
    ("confidence", "judge's confidence"),
    ("distance", "distance to the nearest\ntraining image (Euclidean)"),
)


def draw(members: list[dict], along: pd.DataFrame, whole: pd.DataFrame, data: Shown) -> figures.plt.Figure:
    """Draw confidence and distance along the paths.

    Parameters
    ----------
    members : list of dict
        The models of the study, with their `name`.
    along : pd.DataFrame
        Means at each step of each series.
    whole : pd.DataFrame
        The table of plausibility.
    data : Shown
        Words for what the images show.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    kinds = list(along["pairs"].unique())
    figure, axes = figures.plt.subplots(2, len(kinds), figsize=(5.2 * len(kinds), 6.4), sharex=True, sharey="row")
    for column, pairs in enumerate(kinds):
        for row, (quantity, words) in enumerate(QUANTITIES):
            one = axes[row, column]
            for name, table in along[along["pairs"] == pairs].groupby("series", sort=False):
                model, _, path = name.partition(".")
                number = [member["name"] for member in members].index(model) if path else None
                colour = figures.GROUP_COLOURS["baselines"] if number is None else MODEL_COLOURS[number]
                one.plot(
                    table["step"] / 8,
                    table[quantity],
                    STYLES.get(path, ":"),
                    color=colour,
                    marker=".",
                    label=name.replace(".", ", ").replace("pixel_blend", "blend of the pixels"),
                )
            if column == 0:
                one.set_ylabel(words)
        own = whole[whole["pairs"] == pairs].set_index("series")["plausible"]
        best = own.drop("pixel_blend").idxmax()
        of = f"same {data.word}" if pairs == "same_digit" else f"different {data.words}"
        axes[0, column].set_title(
            f"{of}: plausible {own[best]:.0%} of {best.replace('.', ', ')},\n{own['pixel_blend']:.0%} of pixel blends",
            fontsize=9.5,
        )
        axes[1, column].set_xlabel("share of the way (0 and 1: the real images)")
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    question = f"Are the images between two codes {data.words}? Means over the pairs"
    figures.headline(figure, question, x=0.01, ha="left")
    return figure


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        along = read_table(snakemake.input.along, ["pairs", "series", "step", "confidence", "distance"])
        whole = read_table(snakemake.input.whole, ["pairs", "series", "plausible"])
        figures.save(draw(spec["members"], along, whole, Shown.of(spec)), snakemake.output[0])

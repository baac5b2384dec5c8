"""Draw where the published iteration leads from the same noise towards different targets.

Inputs: the pictures and the table of `vary_targets`.

Outputs: one figure with one row per model, below the mean test images: the targets r(m); the controls r(m) - x0, in
which the model sees no noise; and the pictures from two starts.
"""

import numpy as np
import pandas as pd

from aelab.data.shown import Shown
from aelab.files.arrays import read_arrays
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs
from aelab.report import figures

MOST = 10  # classes that are shown


def draw(
    members: list[dict], found: dict[str, np.ndarray], table: pd.DataFrame, steps: int, data: Shown
) -> figures.plt.Figure:
    """Draw the figure.

    Parameters
    ----------
    members : list of dict
        The models of the study, with their `name`.
    found : dict of str to np.ndarray
        The arrays that `vary_targets` writes.
    table : pd.DataFrame
        Its table.
    steps : int
        Number of steps of the iteration.
    data : Shown
        Shape of the images and names of the classes.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    classes = found["classes"][:MOST]
    blocks = {
        "target: r(m)": found["targets"],
        "control: r(m) - x0, no iteration": found["controls"][:, 0],
        f"picture from start 1, {steps} steps": found["pictures"][:, 0],
        f"picture from start 2, {steps} steps": found["pictures"][:, 1],
    }
    width, height = 0.31 * len(classes) * len(blocks) + 2.4, 0.315 * (len(members) + 1) + 1.0
    figure, axes = figures.plt.subplots(1, len(blocks), figsize=(width, height), squeeze=False)
    for number, (one, (words, images)) in enumerate(zip(axes[0], blocks.items(), strict=True)):
        top = found["means"] if number == 0 else np.full_like(found["means"], np.nan)
        rows, columns = figures.show_images(one, data.planes(np.concatenate([top[None], images])[:, : len(classes)]))
        one.set_title(words, fontsize=8)
        one.set_xticks(columns, data.names(classes), fontsize=7, rotation=0 if max(map(len, data.classes)) < 3 else 90)
        one.tick_params(length=0)
        if number == 0:
            names = [f"mean test {data.word}: m", *(member["name"] for member in members)]
            one.set_yticks(rows, names, fontsize=7)
    own = table[table["picture"] == "inverted"].mean(numeric_only=True)
    figures.headline(
        figure,
        f"Does the picture follow its target or its start? The target explains {own['by_target']:.0%} of the pictures' "
        f"variance, the start {own['by_start']:.0%} (mean over models).\n"
        f"Read as the target: {own['read_as_target']:.0%} of the pictures, {own['target_read']:.0%} of the r(m) "
        f"themselves, {own['control_read']:.0%} of the r(m) - x0",
        x=0.01,
        ha="left",
        fontsize=10.5,
    )
    return figure


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        table = read_table(snakemake.input.table, ["picture", "read_as_target", "by_target", "by_start"])
        figure = draw(
            spec["members"], read_arrays(snakemake.input.pictures), table, spec["walks"]["steps"], Shown.of(spec)
        )
        figures.save(figure, snakemake.output[0])

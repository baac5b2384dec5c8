"""Scatter the codes of all images under every model of the plane.

Inputs: the codes of all images; labels; the table of the plane.

Outputs: one figure with one panel per model.
"""

import numpy as np
import pandas as pd

from aelab.data import idx
from aelab.data.randomness import generator
from aelab.data.shown import Shown
from aelab.files.arrays import read_array
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs
from aelab.report import figures


def draw(
    members: list[dict], codes: list[np.ndarray], labels: np.ndarray, plane: pd.DataFrame, data: Shown
) -> figures.plt.Figure:
    """Scatter the codes, one panel per model.

    Parameters
    ----------
    members : list of dict
        The models of the plane, with their `name`.
    codes : list of np.ndarray
        Codes (n, 2) under each model, in the same order.
    labels : np.ndarray
        Class numbers (n,).
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
    figure, axes = figures.plt.subplots(rows, columns, figsize=(3.7 * columns + 0.7, 3.7 * rows + 0.5), squeeze=False)
    for one in axes.flat[len(members) :]:
        one.remove()
    order = generator("scatter").permutation(len(labels))
    for one, member, points in zip(axes.flat, members, codes, strict=False):
        own = plane.loc[member["name"]]
        figures.scatter_codes(one, points[order], labels[order], len(data.classes))
        one.set_title(
            f"{member['name']}\n"
            f"1-NN {own['one_nn']:.1%}, {own['overlap_first']} and {own['overlap_second']} overlap most,\n"
            f"at zero: {own['first_at_zero']:.1%} and {own['second_at_zero']:.1%}",
            fontsize=8.5,
        )
        one.set_xlabel("code, first number")
        one.set_ylabel("code, second number")
    figure.legend(**figures.class_handles(data), loc="outside right upper")
    figures.headline(
        figure,
        f"Where the codes of all {len(labels):,} images lie: "
        f"the nearest neighbour knows {plane['one_nn'].min():.0%} to {plane['one_nn'].max():.0%} of the test "
        f"{data.words}",
        fontsize=11,
    )
    return figure


if "snakemake" in globals():
    with frame.job(snakemake):
        labels = np.concatenate(
            [idx.read_labels(path) for path in (snakemake.input.train_labels, snakemake.input.test_labels)]
        )
        codes = [
            np.concatenate([read_array(path, (None, 2)) for path in paths])
            for paths in zip(snakemake.input.train_codes, snakemake.input.test_codes, strict=True)
        ]
        spec, names = specs.parse(snakemake.params.spec), ["overlap_first", "overlap_second"]
        plane = read_table(snakemake.input.plane, ["model", "one_nn", "first_at_zero"], names).set_index("model")
        figures.save(draw(spec["members"], codes, labels, plane, Shown.of(spec)), snakemake.output[0])

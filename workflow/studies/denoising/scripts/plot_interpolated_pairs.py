"""Draw the interpolation between two codes, from a = 0.0 to 1.0, with every model of the denoising study.

Inputs: the paths of `interpolate_test_pairs` and their table by `measure_interpolations`; test labels.

Outputs: two figures, for a pair of the same digit and for a pair of different digits. Each has one row per model, below
a blend of the pixels; a caption below each image says how the judge reads it.
"""

import numpy as np
import pandas as pd

from aelab.data import idx
from aelab.data.shown import Shown
from aelab.files.arrays import read_arrays
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs
from aelab.report import figures, grids

SORTS = ("same_digit", "different_digits")


def draw(
    members: list[dict],
    paths: dict[str, np.ndarray],
    table: pd.DataFrame,
    labels: np.ndarray,
    sort: int,
    data: Shown,
) -> figures.plt.Figure:
    """Draw the first pair of one kind.

    Parameters
    ----------
    members : list of dict
        The models of the study, with their `name`.
    paths : dict of str to np.ndarray
        The arrays that `interpolate_test_pairs` writes.
    table : pd.DataFrame
        The table of `measure_interpolations`.
    labels : np.ndarray
        Class numbers of the test images (n,).
    sort : int
        Index of the kind of pair in `SORTS`.
    data : Shown
        Shape of the images and names of the classes.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    first, second = (int(row) for row in paths["pairs"][sort, 0])
    ends = {int(labels[first]), int(labels[second])}
    names = [member["name"] for member in members]
    rows = [("blend of the pixels", len(members)), *((name, number) for number, name in enumerate(names))]
    grid = grids.ImageGrid(len(rows), len(paths["steps"]), data.shape, size=0.78, header=1.0, margin=1.7)
    for row, (name, number) in enumerate(rows):
        read_as, confidence = paths["read_as"][number, sort, 0], paths["confidence"][number, sort, 0]
        for column, image in enumerate(paths["images"][number, sort]):
            frame = figures.RIGHT if int(read_as[column]) in ends else figures.WRONG
            text = f"{data.name(read_as[column])}, {confidence[column]:.2f}"
            grid.show(row, column, data.planes(image), frame, text)
        grid.title_row(row, figures.wrapped(name, 20))
    for column, share in enumerate(paths["steps"]):
        grid.title_column(column, f"a = {share:.1f}")
    plausible = table[table["pairs"] == SORTS[sort]].set_index("name")["plausible"]
    best = plausible[names].idxmax()
    another = f"another {data.name(labels[second])}" if len(ends) == 1 else data.a(labels[second])
    words = f"{data.a(labels[first])} and {another}"
    figures.headline(
        grid.figure,
        f"Are images between the codes of two test images plausible {data.words}? Shown: {words} (test {first} and "
        f"{second}). Over {paths['pairs'].shape[1]} such pairs, {best} gives most plausible images between the ends: "
        f"{plausible[best]:.0%}; the blend of the pixels {plausible['pixel_blend']:.0%}. Below each image: what the "
        f"judge reads, and how surely; green: {data.a_word} of the pair",
        fontsize=9.5,
    )
    return grid.drawn()


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        paths, labels = read_arrays(snakemake.input.paths), idx.read_labels(snakemake.input.labels)
        table = read_table(snakemake.input.table, ["name", "pairs", "plausible"])
        for number, sort in enumerate(SORTS):
            figures.save(draw(spec["members"], paths, table, labels, number, Shown.of(spec)), snakemake.output[sort])

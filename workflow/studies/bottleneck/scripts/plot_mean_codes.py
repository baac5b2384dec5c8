"""Draw the mean code of each digit, the image decoded from it, and what points built by rules of thumb decode to.

Inputs: the table and the images of `decode_points`.

Outputs: one figure. For the widest published model and its corrected twin there is a row of bars, the numbers of each
digit's mean code with the relation read off them, and below it the images decoded from the mean code, from the two
points that the rule of thumb gives, and from the published points. The frame of an image shows whether the judge reads
it as the digit that was meant.
"""

import numpy as np
import pandas as pd

from aelab.data.shown import Shown
from aelab.files.arrays import read_arrays
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs
from aelab.report import figures, grids

WORDS = {
    "mean": "mean code",
    "rule_near": "rule of thumb,\nas large as the mean",
    "rule": "rule of thumb,\nas large as any mean*",
    "published": "points published*",
}


def widest(members: list[dict]) -> list[str]:
    """Return the name of the last model of each of the groups `published` and `corrected` that is there."""
    last = {member["group"]: member["name"] for member in members}
    return [last[group] for group in ("published", "corrected") if group in last]


def draw(models: list[str], table: pd.DataFrame, images: np.ndarray, data: Shown) -> figures.plt.Figure:
    """Draw the mean codes and the decoded points of some models.

    Parameters
    ----------
    models : list of str
        The names of the models.
    table : pd.DataFrame
        The table of `decode_points`.
    images : np.ndarray
        Decoded images (points, pixels), in the order of the table.
    data : Shown
        Shape of the images and names of the classes.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    of = {name: table[table["model"] == name] for name in models}
    rows = [
        (name, source)
        for name in models
        for source in ("bars", *WORDS)
        if source == "bars" or (of[name]["source"] == source).any()
    ]
    grid = grids.ImageGrid(len(rows), len(data.classes), data.shape, size=0.95, header=1.0, margin=2.2)
    for row, (name, source) in enumerate(rows):
        own = of[name][of[name]["source"] == ("mean" if source == "bars" else source)]
        columns = [data.classes.index(digit) for digit in own["digit"]]
        if source == "bars":
            bars(grid, row, columns, own)
            grid.title_row(row, f"{figures.wrapped(name, 18)}\nmean code")
            continue
        for column, (number, point) in zip(columns, own.iterrows(), strict=True):
            grid.show(
                row,
                column,
                data.planes(images[number]),
                figures.RIGHT if point["read_as"] == point["digit"] else figures.WRONG,
                f"reads {point['read_as']} ({point['confidence']:.2f})",
            )
        right = int((own["read_as"] == own["digit"]).sum())
        grid.title_row(row, f"{WORDS[source]}\n{right} of {len(own)} right")
    for column, name in enumerate(data.classes):
        grid.title_column(column, name)
    figures.headline(
        grid.figure,
        f"Is a {data.word} its mean code, or only which numbers of it are large and which half as large?\n(below the "
        "bars: 1 large, ½ half as large, 0 small; *: each image on its own scale)",
        fontsize=10,
    )
    return grid.drawn()


def bars(grid: grids.ImageGrid, row: int, columns: list[int], means: pd.DataFrame) -> None:
    """Draw the numbers of mean codes as bars, all on one scale.

    Parameters
    ----------
    grid : ImageGrid
        Where to draw.
    row : int
        The row.
    columns : list of int
        The column of each mean code.
    means : pd.DataFrame
        The rows of the mean codes.
    """
    codes = means[[name for name in means if name.startswith("code_")]].dropna(axis=1, how="all").to_numpy()
    scale = grid.height / ((max(codes.max(), 0) - min(codes.min(), 0)) or 1)
    top = max(codes.max(), 0) * scale
    for column, code, relation in zip(columns, codes, means["relation"], strict=True):
        y, x = grid.place(row, column)
        each = grid.width / len(code)
        grid.axes.bar(
            x + each * (np.arange(len(code)) + 0.5), -code * scale, 0.8 * each, y + top, color=figures.COLOURS[0]
        )
        grid.axes.plot((x, x + grid.width), (y + top, y + top), color="black", lw=0.5)
        grid.caption(row, column, relation)


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        names = ["digit", "read_as"]
        table = read_table(snakemake.input.table, ["model", "source", "confidence", *names], [*names, "relation"])
        images = read_arrays(snakemake.input.images)["images"]
        figures.save(draw(widest(spec["members"]), table, images, Shown.of(spec)), snakemake.output[0])

"""Draw the images that the models decode from chosen codes.

Inputs: the table and the images of `decode_points`.

Outputs: one figure with one row per model and source of points and one column per digit. The frame of an image shows
whether the judge reads it as the digit that was meant. The rules of thumb have a figure of their own.
"""

import numpy as np
import pandas as pd

from aelab.data.shown import Shown
from aelab.files.arrays import read_arrays
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs
from aelab.report import figures, grids

WORDS = {"published": "points published", "median": "median of the codes", "mean": "mean of the codes"}
SOURCES = ("published", "median", "mean")


def draw(members: list[dict], table: pd.DataFrame, images: np.ndarray, data: Shown) -> figures.plt.Figure:
    """Draw the decoded points.

    Parameters
    ----------
    members : list of dict
        The models of the study, with their `name`.
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
    rows = [
        (member, source)
        for member in members
        for source in SOURCES
        if ((table["model"] == member["name"]) & (table["source"] == source)).any()
    ]
    grid = grids.ImageGrid(len(rows), len(data.classes), data.shape, size=0.95, header=0.9, margin=2.2)
    for row, (member, source) in enumerate(rows):
        own = table[(table["model"] == member["name"]) & (table["source"] == source)]
        for number, point in own.iterrows():
            grid.show(
                row,
                data.classes.index(point["digit"]),
                data.planes(images[number]),
                figures.RIGHT if point["read_as"] == point["digit"] else figures.WRONG,
                f"{point['read_as']}, {point['confidence']:.2f}",
            )
        right = int((own["read_as"] == own["digit"]).sum())
        grid.title_row(row, f"{member['name']}\n{WORDS[source]}\n{right} of {len(own)} right")
    for column, name in enumerate(data.classes):
        grid.title_column(column, f"meant: {name}")
    question = (
        f"Decoded points of the code: does the judge read the {data.word} that was meant?\n"
        "(below each image: what it reads, and how surely)"
    )
    figures.headline(grid.figure, question, fontsize=10)
    return grid.drawn()


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        table = read_table(
            snakemake.input.table,
            ["model", "source", "digit", "read_as", "confidence", "distance_to_codes"],
            ["digit", "read_as"],
        )
        images = read_arrays(snakemake.input.images)["images"]
        figures.save(draw(spec["members"], table, images, Shown.of(spec)), snakemake.output[0])

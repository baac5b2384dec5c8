"""Draw ten test images above their reconstructions by every model of a study.

Inputs: the examples of `reconstruct_examples`.

Outputs: one figure with one column per image and one row per model. The frame of a reconstruction shows whether the
judge reads it as the image's digit; the MSE is that from the clean image.
"""

import numpy as np

from aelab.analysis import measures
from aelab.data.shown import Shown
from aelab.files.arrays import read_arrays
from aelab.jobs import frame
from aelab.plan import specs
from aelab.report import figures, grids


def draw(members: list[dict], examples: dict[str, np.ndarray], inputs: str, data: Shown) -> figures.plt.Figure:
    """Draw the input images, then one row of reconstructions per model.

    Parameters
    ----------
    members : list of dict
        The models of the study, with their `name`.
    examples : dict of str to np.ndarray
        The arrays that `reconstruct_examples` writes.
    inputs : {"clean", "corrupted"}
        The images that the models reconstruct from.
    data : Shown
        Shape of the images and names of the classes.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    clean, labels, given = examples["clean_images"], examples["labels"], examples[f"{inputs}_images"]
    rows = [("input", clean)] + ([("corrupted", given)] if inputs == "corrupted" else [])
    grid = grids.ImageGrid(len(rows) + len(members), len(labels), data.shape, size=0.95, header=0.9)
    for row, (title, images) in enumerate(rows):
        for column, image in enumerate(images):
            grid.show(row, column, data.planes(image))
        grid.title_row(row, title)
    right = []
    for row, member in enumerate(members):
        reconstructions = examples[f"{inputs}_reconstructions"][row]
        read_as = examples[f"{inputs}_read_as"][row]
        right.append(int((read_as == labels).sum()))
        for column, label in enumerate(labels):
            error = measures.mse(clean[column : column + 1], reconstructions[column : column + 1])
            grid.show(
                row + len(rows),
                column,
                data.planes(reconstructions[column]),
                figures.RIGHT if read_as[column] == label else figures.WRONG,
                f"{data.name(read_as[column])}, {error:.3f}",
            )
        grid.title_row(
            row + len(rows), f"{figures.wrapped(member['name'], 18)}\n{right[-1]} of {len(labels)} read right"
        )
    for column, number in enumerate(examples["rows"]):
        grid.title_column(column, f"test {number}")
    best = max(range(len(members)), key=right.__getitem__)
    others = "more than any other" if right.count(right[0]) == 1 else "as many as any other"
    compared = others if best == 0 else f"{members[best]['name']} {right[best]}"
    figures.headline(
        grid.figure,
        f"Of {len(labels)} {inputs} {data.words}, {members[0]['name']} gives back {right[0]} that read as themselves, "
        f"{compared}\n(below each image: what the judge reads, MSE)",
        fontsize=9.5,
    )
    return grid.drawn()


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        figure = draw(spec["members"], read_arrays(snakemake.input[0]), spec["inputs"], Shown.of(spec))
        figures.save(figure, snakemake.output[0])

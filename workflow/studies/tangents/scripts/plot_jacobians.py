"""Draw the encoders' Jacobians at one test image and at its corrupted copy.

Inputs: the arrays `jacobians.npz` of `differentiate_models`.

Outputs: two figures of signed images with one row per model and input: the first rows of the Jacobian, and its first
right singular vectors.
"""

import numpy as np

from aelab.data.shown import Shown
from aelab.files.arrays import read_arrays
from aelab.jobs import frame
from aelab.plan import specs
from aelab.report import figures, grids

INPUTS = ("clean", "corrupted")


def draw(
    members: list[dict], inputs: np.ndarray, images: np.ndarray, title: str, column_title: str, data: Shown
) -> figures.plt.Figure:
    """Draw signed images of all models, each row on a scale of its own that is stated at the right.

    Parameters
    ----------
    members : list of dict
        The models, with their `name`.
    inputs : np.ndarray
        The clean and the corrupted image (2, pixels).
    images : np.ndarray
        The signed images (models, 2, columns, pixels).
    title : str
        Title of the figure.
    column_title : str
        Title of the columns, to which their numbers from 1 are added.
    data : Shown
        Shape of the images.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    rows, columns = 2 * len(members), images.shape[2]
    grid = grids.ImageGrid(rows, columns + 1, data.shape, size=0.62, header=0.9, margin=2.6, captions=False)
    for m, member in enumerate(members):
        for i, name in enumerate(INPUTS):
            row, scale = 2 * m + i, np.abs(images[m, i]).max()
            grid.show(row, 0, data.planes(inputs[i]))
            grid.title_row(row, f"{figures.wrapped(member['name'], 20)}\nat the {name} image")
            for column, image in enumerate(images[m, i], 1):
                grid.show_signed(row, column, data.planes(image), scale)
            y, x = grid.place(row, columns + 1)
            grid.text(x, y + grid.height / 2, f"±{scale:.2g}", va="center")
    grid.title_column(0, "input")
    for column in range(1, columns + 1):
        grid.title_column(column, f"{column_title} {column}")
    figures.headline(grid.figure, title, fontsize=10)
    return grid.drawn()


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        arrays, data = read_arrays(snakemake.input[0]), Shown.of(spec)
        count = spec["vectors_shown"]
        scale = "each row of the figure on its own scale: mid-grey is 0, black and white are the values at the right"
        figures.save(
            draw(
                spec["members"],
                arrays["images"],
                arrays["encoder"][:, :, :count],
                f"What each number of the code looks at: rows of the encoder's Jacobian, d code / d pixel\n({scale})",
                "row",
                data,
            ),
            snakemake.output.rows,
        )
        figures.save(
            draw(
                spec["members"],
                arrays["images"],
                arrays["vectors"][:, :, 0, :count],
                "Tangent vectors: the changes of the image that change the code most, strongest first\n"
                f"(right singular vectors of the encoder's Jacobian, unit length; {scale})",
                "no.",
                data,
            ),
            snakemake.output.vectors,
        )

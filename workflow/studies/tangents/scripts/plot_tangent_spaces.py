"""Draw the tangent spaces at one test image: those of its neighbours, of transformations, and of the models.

Inputs: the reference tangents; the right singular vectors of the models' reconstructions at one image.

Outputs: one figure of signed unit vectors with one row per tangent space; below each vector, its angle to the space of
the neighbours.
"""

import numpy as np

from aelab.analysis import tangents
from aelab.data.shown import Shown
from aelab.files.arrays import read_arrays
from aelab.jobs import frame
from aelab.plan import specs
from aelab.report import figures, grids

INPUTS = ("clean", "corrupted")


def draw(
    members: list[dict],
    inputs: np.ndarray,
    references: dict[str, np.ndarray],
    vectors: np.ndarray,
    dimension: int,
    shown: int,
    data: Shown,
) -> figures.plt.Figure:
    """Draw the tangent spaces, one per row.

    Parameters
    ----------
    members : list of dict
        The models, with their `name`.
    inputs : np.ndarray
        The clean and the corrupted image (2, pixels).
    references : dict of str to np.ndarray
        The arrays that `find_reference_tangents` writes.
    vectors : np.ndarray
        Right singular vectors of the reconstructions by inputs (models, 2, k, pixels).
    dimension : int
        Number of vectors to draw of each space.
    shown : int
        Index of the image.
    data : Shown
        Shape of the images and words for what they show.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    neighbours = references["neighbours"][shown]
    size = 0.8 if dimension < 12 else 0.66
    grid = grids.ImageGrid(2 + 2 * len(members), dimension + 1, data.shape, size=size, header=0.9, margin=2.6)

    def fill(row: int, image: np.ndarray, title: str, directions: np.ndarray, captions: list[str]) -> None:
        grid.show(row, 0, data.planes(image))
        grid.title_row(row, title)
        for column, (direction, caption) in enumerate(zip(directions[:dimension], captions, strict=False), 1):
            grid.show_signed(row, column, data.planes(direction), np.abs(direction).max(), caption)

    def angles(directions: np.ndarray) -> list[str]:
        return [f"{angle:.0f}°" for angle in tangents.angles_to_space(neighbours @ directions.T)]

    transformations = references["transformations"][shown]
    numbered = [f"no. {n + 1}" for n in range(len(neighbours))]
    words = [
        f"{name.replace('_', ' ')}, {angle}"
        for name, angle in zip(tangents.TRANSFORMATIONS, angles(transformations), strict=True)
    ]
    fill(0, inputs[0], "nearest training images", neighbours, numbered)
    fill(1, inputs[0], "transformations", transformations, words)
    for m, member in enumerate(members):
        for i, name in enumerate(INPUTS):
            leading = vectors[m, i, :dimension]
            title = f"{figures.wrapped(member['name'], 20)}\nat the {name} image"
            fill(2 + 2 * m + i, inputs[i], title, leading, angles(leading))
    figures.headline(
        grid.figure,
        f"Tangent spaces at test image {references['rows'][shown]}: does a model keep the directions in which the "
        f"{data.words} vary?\n(below: angle to the space of the nearest training images, 90° is orthogonal; unit "
        "vectors, each on its own scale, mid-grey is 0)",
        fontsize=9.5,
    )
    return grid.drawn()


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        arrays = read_arrays(snakemake.input.jacobians)
        references = read_arrays(snakemake.input.references)
        figures.save(
            draw(
                spec["members"],
                arrays["images"],
                references,
                arrays["vectors"][:, :, 1],
                spec["dimension"],
                spec["shown_image"],
                Shown.of(spec),
            ),
            snakemake.output[0],
        )

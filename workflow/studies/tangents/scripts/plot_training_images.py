"""Draw the first ten training images of a split, clean and corrupted.

Inputs: training images; their corrupted copies; the split.

Outputs: one figure with a row of clean images and a row of corrupted ones.
"""

import numpy as np

from aelab.data import datasets, idx
from aelab.data.shown import Shown
from aelab.files.arrays import read_array
from aelab.jobs import frame
from aelab.plan import specs
from aelab.report import figures, grids


def draw(
    numbers: np.ndarray, clean: np.ndarray, corrupted: np.ndarray, corruption: str, words: str
) -> figures.plt.Figure:
    """Draw clean images above their corrupted copies.

    Parameters
    ----------
    numbers : np.ndarray
        Row numbers of the images among all training images (n,).
    clean : np.ndarray
        Clean images (n, height, width) in [0, 1].
    corrupted : np.ndarray
        Their corrupted copies (n, height, width).
    corruption : str
        Name of the corruption.
    words : str
        Words for what the corruption does.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    grid = grids.ImageGrid(2, len(numbers), clean.shape[1:], size=0.95, header=0.35, captions=False)
    for column, number in enumerate(numbers):
        grid.show(0, column, clean[column])
        grid.show(1, column, corrupted[column])
        grid.title_column(column, f"training {number}")
    grid.title_row(0, "clean")
    grid.title_row(1, corruption)
    error = ((corrupted - clean) ** 2).mean()
    figures.headline(
        grid.figure, f"The first {len(numbers)} training images, clean and with {words} (MSE {error:.3f})", fontsize=10
    )
    return grid.drawn()


def described(settings: dict) -> str:
    """Describe in words what a corruption does, from its entry in the configuration."""
    clipped = " clipped to [0, 1]" if settings["clip"] else ""
    kinds = {
        "gaussian": f"noise N(0, {settings['amount']:g}){clipped}",
        "masking": f"{settings['amount']:.0%} of the pixels set to 0",
        "salt_and_pepper": f"{settings['amount']:.0%} of the pixels set to 0 or 1",
    }
    return kinds[settings["kind"]]


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        rows = datasets.read_split(snakemake.input.split)["train"][:10]
        clean = datasets.unit(idx.read_images(snakemake.input.images)[rows])
        corrupted = read_array(snakemake.input.corrupted, (None, None))[rows]
        words = described(spec["settings"])
        clean, corrupted = map(Shown.of(spec).planes, (clean, corrupted))
        figures.save(draw(rows, clean, corrupted, spec["corruption"], words), snakemake.output[0])

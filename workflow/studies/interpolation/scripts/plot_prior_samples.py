"""Draw what the models decode from samples of the prior, and which digits the judge reads in it.

Inputs: the samples of `interpolate_codes`.

Outputs: one figure with one column per model: a mosaic of decoded samples above, the shares of the digits read below.
"""

import numpy as np

from aelab.data.shown import Shown
from aelab.files.arrays import read_arrays
from aelab.jobs import frame
from aelab.plan import specs
from aelab.report import figures


def mosaic(planes: np.ndarray, columns: int = 10) -> np.ndarray:
    """Arrange planes (n, height, width) in rows of `columns` as one array, leaving out an incomplete last row."""
    rows = len(planes) // columns
    return figures.mosaic(planes[: rows * columns].reshape(rows, columns, *planes.shape[1:]))


def draw(members: list[dict], samples: dict[str, np.ndarray], data: Shown) -> figures.plt.Figure:
    """Draw decoded samples and the shares of the digits read, one column per model.

    Parameters
    ----------
    members : list of dict
        The models of the study, with their `name`.
    samples : dict of str to np.ndarray
        The arrays of `samples.npz`, as `interpolate_codes` writes them.
    data : Shown
        Shape of the images and names of the classes.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    figure, axes = figures.plt.subplots(
        2, len(members), figsize=(4.1 * len(members), 6.2), height_ratios=[2.4, 1], squeeze=False
    )
    classes = len(data.classes)
    for column, member in enumerate(members):
        read_as, confidence = samples[f"{member['name']}_read_as"], samples[f"{member['name']}_confidence"]
        axes[0, column].imshow(
            mosaic(data.planes(samples[f"{member['name']}_images"])), vmin=0, vmax=255, cmap="gray_r"
        )
        figures.bare(axes[0, column])
        sure = (confidence >= 0.9).mean()
        axes[0, column].set_title(
            f"{member['name']}: of {len(read_as):,} draws the\njudge is sure (>= 0.9) of {sure:.0%}"
        )
        shares = np.bincount(read_as, minlength=classes) / len(read_as)
        axes[1, column].bar(range(classes), 100 * shares, color=figures.class_colours(classes))
        axes[1, column].axhline(100 / classes, color="black", lw=0.8, ls=":")
        figures.ticks_of_classes(axes[1, column].xaxis, data)
        axes[1, column].set_xlabel(f"{data.word} that the judge reads")
        axes[1, column].set_ylim(0, max(25, 105 * shares.max()))
    axes[1, 0].set_ylabel("% of the draws")
    figures.headline(figure, f"Decoded draws from the prior N(0, I): are they {data.words}, and of all kinds?")
    return figure


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        figures.save(draw(spec["members"], read_arrays(snakemake.input[0]), Shown.of(spec)), snakemake.output[0])

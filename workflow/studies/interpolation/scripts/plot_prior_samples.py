"""Draw what the models decode from draws of the prior, and which digits the judge reads in them.

In: the samples of `interpolate_codes`. Out: one figure, a column a model: a mosaic of samples above, the
shares of the digits read below.
"""

import numpy as np

from aelab.files.arrays import read_arrays
from aelab.jobs import frame
from aelab.plan import specs
from aelab.report import figures


def mosaic(images, columns=10):
    """Images (n, 784) side by side as one array."""
    rows = len(images) // columns
    return images[: rows * columns].reshape(rows, columns, 28, 28).swapaxes(1, 2).reshape(rows * 28, columns * 28)


def draw(members, samples):
    """The figure."""
    figure, axes = figures.plt.subplots(
        2, len(members), figsize=(4.1 * len(members), 6.2), height_ratios=[2.4, 1], squeeze=False
    )
    for column, member in enumerate(members):
        read_as, confidence = samples[f"{member['name']}_read_as"], samples[f"{member['name']}_confidence"]
        axes[0, column].imshow(mosaic(samples[f"{member['name']}_images"]), vmin=0, vmax=255, cmap="gray_r")
        figures.bare(axes[0, column])
        sure = (confidence >= 0.9).mean()
        axes[0, column].set_title(
            f"{member['name']}: of {len(read_as):,} draws the\njudge is sure (>= 0.9) of {sure:.0%}"
        )
        shares = np.bincount(read_as, minlength=10) / len(read_as)
        axes[1, column].bar(range(10), 100 * shares, color=figures.DIGIT_COLOURS)
        axes[1, column].axhline(10, color="black", lw=0.8, ls=":")
        axes[1, column].set_xticks(range(10))
        axes[1, column].set_xlabel("digit that the judge reads")
        axes[1, column].set_ylim(0, max(25, 105 * shares.max()))
    axes[1, 0].set_ylabel("% of the draws")
    figures.headline(figure, "Decoded draws from the prior N(0, I): are they digits, and of all kinds?")
    return figure


if "snakemake" in globals():
    with frame.job(snakemake):
        members = specs.parse(snakemake.params.spec)["members"]
        figures.save(draw(members, read_arrays(snakemake.input[0])), snakemake.output[0])

"""Draw what the models decode from draws of the prior, and which digits the judge reads in them.

In: the samples of `interpolate_codes`. Out: one figure, a column a model: a mosaic of samples above, the
shares of the digits read below.
"""

import numpy as np

from aelab.data.shown import Shown
from aelab.files.arrays import read_arrays
from aelab.jobs import frame
from aelab.plan import specs
from aelab.report import figures


def mosaic(planes, columns=10):
    """Planes (n, height, width) side by side as one array."""
    rows = len(planes) // columns
    return figures.mosaic(planes[: rows * columns].reshape(rows, columns, *planes.shape[1:]))


def draw(members, samples, data):
    """The figure."""
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

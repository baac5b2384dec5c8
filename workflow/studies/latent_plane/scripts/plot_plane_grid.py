"""Draw a model's codes beside the images that its decoder makes of a grid of codes, axes the same.

In: the grids of `decode_plane_grids`, the model's codes of all images, labels, the table of generators. Out:
one figure: left the codes of all images, right the decoded grid, both over the same part of the plane; for a
variational model a second row in quantiles of the prior.
"""

import numpy as np

from aelab.analysis import normal
from aelab.data import idx
from aelab.data.randomness import generator
from aelab.data.shown import Shown
from aelab.files.arrays import read_array, read_arrays
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs
from aelab.report import figures

TITLES = {
    "corners": "equal distances between the corners of the codes",
    "quantiles": "quantiles of the prior",
}


def limits(values):
    """Where the cells around evenly spaced values begin and end."""
    half = (values[1] - values[0]) / 2
    return values[0] - half, values[-1] + half


def draw(name, grids, codes, labels, generators, data):
    """The figure; `grids` maps `corners` and perhaps `quantiles` to points and images, codes (n, 2)."""
    figure, axes = figures.plt.subplots(
        len(grids), 2, figsize=(12.2, 5.6 * len(grids) + 0.6), sharex="row", sharey="row", squeeze=False
    )
    order = generator("scatter").permutation(len(labels))
    for (left, right), (grid, (points, images)) in zip(axes, grids.items(), strict=True):
        values = np.array([points[0, :, 0], points[:, 0, 1]])
        unit = normal.cumulative if grid == "quantiles" else np.asarray
        across, up = (limits(unit(line)) for line in values)
        figures.scatter_codes(left, unit(codes[order]), labels[order], len(data.classes))
        right.imshow(
            figures.mosaic(data.planes(images[::-1])),
            vmin=0,
            vmax=255,
            cmap="gray_r",
            extent=(*across, *up),
            aspect="auto",
        )
        right.grid(False)
        left.set(xlim=across, ylim=up)
        words = "prior probability below the {} number" if grid == "quantiles" else "code, {} number"
        for one in (left, right):
            one.set_xlabel(words.format("first"))
        left.set_ylabel(words.format("second"))
        own = generators.loc[name, grid]
        left.set_title(
            f"codes of all {len(labels):,} images, in {own['cells_with_codes']:.0%} of the grid's cells", fontsize=9.5
        )
        right.set_title(
            f"decoded, {TITLES[grid]}:\njudge sure of {own['surely_read']:.0%}, "
            f"{own['digits_surely_read']:.0f} of {len(data.classes)} {data.words} among them",
            fontsize=9.5,
        )
    figure.legend(**figures.class_handles(data), loc="outside right upper")
    figures.headline(figure, f"{name}: what does the decoder make of the plane, and where are the codes?", fontsize=11)
    return figure


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        name = spec["model"]
        arrays = read_arrays(snakemake.input.grids)
        grids = {
            grid: (arrays[f"{name}.{grid}_points"], arrays[f"{name}.{grid}_images"])
            for grid in TITLES
            if f"{name}.{grid}_points" in arrays
        }
        codes = [read_array(path, (None, 2)) for path in (snakemake.input.train_codes, snakemake.input.test_codes)]
        labels = [idx.read_labels(path) for path in (snakemake.input.train_labels, snakemake.input.test_labels)]
        generators = read_table(snakemake.input.generators, ["model", "grid", "surely_read"])
        figures.save(
            draw(
                name,
                grids,
                np.concatenate(codes),
                np.concatenate(labels),
                generators.set_index(["model", "grid"]),
                Shown.of(spec),
            ),
            snakemake.output[0],
        )

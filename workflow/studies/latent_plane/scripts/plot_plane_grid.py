"""Draw a model's codes beside the images that it decodes from a grid of codes, on the same axes.

Inputs: the grids of `decode_plane_grids`; the model's codes of all images; labels; the table of generators.

Outputs: one figure: on the left the codes of all images, on the right the decoded grid, both over the same part of the
plane. A variational model has a second row, in quantiles of the prior.
"""

import numpy as np
import pandas as pd

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


def limits(values: np.ndarray) -> tuple[float, float]:
    """Return the outer edges of the cells around evenly spaced values."""
    half = (values[1] - values[0]) / 2
    return values[0] - half, values[-1] + half


def draw(
    name: str,
    grids: dict[str, tuple[np.ndarray, np.ndarray]],
    codes: np.ndarray,
    labels: np.ndarray,
    generators: pd.DataFrame,
    data: Shown,
) -> figures.plt.Figure:
    """Draw the codes and the decoded grids of one model.

    Parameters
    ----------
    name : str
        The model.
    grids : dict of str to tuple of np.ndarray
        Points (side, side, 2) and decoded images (side, side, pixels) of the grid `corners` and, for a variational
        model, `quantiles`.
    codes : np.ndarray
        Codes of all images (n, 2).
    labels : np.ndarray
        Class numbers (n,).
    generators : pd.DataFrame
        The table of generators, indexed by model and grid.
    data : Shown
        Shape of the images and names of the classes.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
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

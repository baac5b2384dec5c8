"""Draw the residuals as they were published beside the same figures as they were asked for.

Inputs: the arrays and the table of `analyse_residuals`.

Outputs: one figure with a row per way to draw the mean residual and the components: as asked for, of the first model
shown and of each model whose code was subtracted, all images of a row on one scale and each on its own; then, as
published, each from its own least to its own largest value, in grey and in the colours of "jet" turned grey. What was
published is no residual of a reconstruction (see `analyse_residuals`).
"""

import numpy as np
import pandas as pd
from matplotlib.colors import ListedColormap

from aelab.data.shown import Shown
from aelab.files.arrays import read_arrays
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs
from aelab.report import figures

RED, GREEN, BLUE = 0.299, 0.587, 0.114  # how much each adds to the perceived brightness of a colour


def in_grey(name: str) -> ListedColormap:
    """Return a colour map of Matplotlib with each colour replaced by the grey that looks as bright (HSP model)."""
    colours = figures.matplotlib.colormaps[name](np.arange(256))[:, :3]
    greys = np.sqrt(colours**2 @ np.array([RED, GREEN, BLUE]))
    return ListedColormap(np.repeat(greys[:, None], 3, axis=1), name=f"{name}_in_grey")


def rows_drawn(table: pd.DataFrame) -> list[tuple[int, str]]:
    """List the rows of the figure.

    Parameters
    ----------
    table : pd.DataFrame
        The table of `analyse_residuals`.

    Returns
    -------
    list of tuple of int and str
        A row of the table and how it is drawn: `one_scale`, `own_scales`, `grey` or `jet`.
    """
    output = table["output"].tolist()
    published = [n for n, what in enumerate(output) if what == "code"]
    asked = [n for n, what in enumerate(output) if what != "code"]
    models = table["model"].iloc[published].tolist()
    chosen = asked[:1] + [n for n in asked[1:] if table["model"].iloc[n] in models]
    signed = [(n, how) for n in chosen for how in ("one_scale", "own_scales")]
    return signed + [(n, how) for how in ("grey", "jet") for n in published]


def row_words(shown: pd.Series, how: str) -> str:
    """Return the title of a row of the figure."""
    name = figures.wrapped(shown["model"], 22)
    if how in ("one_scale", "own_scales"):
        scale = "one scale" if how == "one_scale" else "own scales"
        return f"{name}\n{shown['inputs']} inputs\nAS ASKED, {scale}"
    colours = "grey, figures 1-6" if how == "grey" else '"jet" turned grey,\nfigures 7-12'
    return f"{name}\nAS PUBLISHED\n|image - code|\n{colours}"


def draw(table: pd.DataFrame, means: np.ndarray, components: np.ndarray) -> figures.plt.Figure:
    """Draw the figure.

    Parameters
    ----------
    table : pd.DataFrame
        The table of `analyse_residuals`.
    means : np.ndarray
        Mean residuals (shown, height, width).
    components : np.ndarray
        Principal components, or scores where they were published (shown, c, height, width).

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    rows, count = rows_drawn(table), components.shape[1]
    figure, axes = figures.plt.subplots(
        len(rows), count + 1, figsize=(1.3 * (count + 1) + 2.2, 1.6 * len(rows) + 0.9), squeeze=False
    )
    for line, (number, how) in zip(axes, rows, strict=True):
        images = [means[number], *components[number]]
        largest = max(np.abs(image).max() for image in images)
        for one, image in zip(line, images, strict=True):
            if how in ("one_scale", "own_scales"):
                scale = largest if how == "one_scale" else np.abs(image).max()
                figures.show_signed(one, image, scale, f"±{scale:.2g}")
            else:
                one.imshow(image, cmap="gray" if how == "grey" else in_grey("jet"))
                figures.bare(one)
                one.set_xlabel(f"{image.min():.2g} to {image.max():.2g}", fontsize=7, labelpad=2)
        figures.row_title(line[0], row_words(table.iloc[number], how))
    for number, one in enumerate(axes[0]):
        one.set_title(f"component {number}" if number else "mean", fontsize=8, loc="center")
    published = table[table["output"] == "code"]
    title = "Residuals as asked for: true - reconstruction, zero mid-grey"
    if len(published):
        correlation = published["correlation_with_mean_image"].iloc[0]
        title = (
            f"What was published is not left over: its mean is like the mean image (correlation {correlation:.2f})\n"
            "(as asked: true - reconstruction, zero mid-grey; as published: differences to a softmax code, signs "
            "removed, matrix transposed, each image from its least to its largest value)"
        )
    figures.headline(figure, title, fontsize=9)
    return figure


if "snakemake" in globals():
    with frame.job(snakemake):
        data = Shown.of(specs.parse(snakemake.params.spec))
        arrays = read_arrays(snakemake.input.arrays)
        table = read_table(snakemake.input.table, ["model", "inputs", "output", "correlation_with_mean_image"])
        means, components = (data.planes(arrays[name]) for name in ("means", "components"))
        figures.save(draw(table, means, components), snakemake.output[0])

"""Draw the mean residual and the first principal components of the residuals as images, as was asked for.

Inputs: the arrays and the table of `analyse_residuals`.

Outputs: two figures of signed images, with one row per model and kind of input whose reconstructions were subtracted
(`plot_published_residuals` draws what was published). In `shared`, the images of a row share
one scale, set by their largest absolute value; in `own`, each image has a scale of its own. Zero is mid-grey, negative
values are darker and positive ones lighter.
"""

import numpy as np
import pandas as pd

from aelab.data.shown import Shown
from aelab.files.arrays import read_arrays
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs
from aelab.report import figures


def draw(table: pd.DataFrame, means: np.ndarray, components: np.ndarray, one_scale: bool) -> figures.plt.Figure:
    """Draw the means and components of all models.

    Parameters
    ----------
    table : pd.DataFrame
        The table of `analyse_residuals`; one row of the figure per row of the table.
    means : np.ndarray
        Mean residuals (shown, height, width).
    components : np.ndarray
        Principal components (shown, c, height, width).
    one_scale : bool
        Whether the images of a row share one scale.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    count = components.shape[1]
    figure, axes = figures.plt.subplots(
        len(table),
        count + 1,
        figsize=(1.25 * (count + 1) + 3.1, (1.45 if one_scale else 1.75) * len(table) + 0.9),
        squeeze=False,
    )
    for line, (_, shown), mean, directions in zip(axes, table.iterrows(), means, components, strict=True):
        images = [mean, *directions]
        largest = max(np.abs(image).max() for image in images)
        shares = [None] + [shown[f"share_{n}"] for n in range(1, count + 1)]
        for one, image, share in zip(line, images, shares, strict=True):
            scale = largest if one_scale else np.abs(image).max()
            caption = None if share is None else f"{share:.1%} of variance"
            drawn = figures.show_signed(one, image, scale, caption)
            if not one_scale:
                figures.signed_bar(figure, drawn, one, scale, location="bottom", shrink=0.8, pad=0.02, aspect=14)
        if one_scale:
            figures.signed_bar(figure, drawn, list(line), largest, shrink=0.85, pad=0.01, aspect=9)
        figures.row_title(line[0], row_words(shown))
    axes[0, 0].set_title("mean", fontsize=8, loc="center")
    for number in range(1, count + 1):
        axes[0, number].set_title(f"component {number}", fontsize=8, loc="center")
    scale = "the images of a row on one scale" if one_scale else "each image on its own scale"
    first = table.iloc[0]
    figures.headline(
        figure,
        f"What is left over, true - reconstruction: {count} components hold {first['share_of_all_shown']:.0%} of the "
        f"variance of {first['model']}'s residuals\n({scale}; zero mid-grey, negative darker, positive lighter; "
        "the mean in units of the pixels, components of length 1)",
        fontsize=9,
    )
    return figure


def row_words(shown: pd.Series) -> str:
    """Return the title of a row of the figure: the model and the inputs that its residuals come from."""
    return f"{figures.wrapped(shown['model'], 22)}\n{shown['inputs']} inputs\nMSE {shown['mse']:.4g}"


if "snakemake" in globals():
    with frame.job(snakemake):
        data = Shown.of(specs.parse(snakemake.params.spec))
        arrays = read_arrays(snakemake.input.arrays)
        table = read_table(snakemake.input.table, ["model", "inputs", "output", "mse", "share_of_all_shown"])
        asked = (table["output"] == "reconstruction").to_numpy()
        means, components = (data.planes(arrays[name][asked]) for name in ("means", "components"))
        for path, one_scale in ((snakemake.output.shared, True), (snakemake.output.own, False)):
            figures.save(draw(table[asked], means, components, one_scale), path)

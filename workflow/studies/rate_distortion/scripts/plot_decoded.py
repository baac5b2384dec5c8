"""Draw what codes of different costs decode to.

Inputs: the table and the images of `measure_rates`.

Outputs: one figure with one row per model by falling rate: on the left test images decoded from drawn codes, below the
images themselves; on the right images decoded from the prior.
"""

import numpy as np
import pandas as pd

from aelab.data.shown import Shown
from aelab.files.arrays import read_arrays
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs
from aelab.report import figures


def draw(table: pd.DataFrame, arrays: dict[str, np.ndarray], data: Shown) -> figures.plt.Figure:
    """Draw the images of the models that differ in beta, or of all models if none do.

    Parameters
    ----------
    table : pd.DataFrame
        One row per model: name, role, beta, rate, distortion.
    arrays : dict of str to np.ndarray
        The arrays of `shown.npz`, as `measure_rates` writes them.
    data : Shown
        Shape of the images.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    swept = table[table["role"].isin(["beta", "both"])]
    rows = (swept if len(swept) else table).sort_values("rate", ascending=False)
    decoded = np.stack([arrays["images"], *(arrays[f"{name}_decoded"] for name in rows["name"])]) / 255
    samples = np.stack([arrays[f"{name}_samples"] for name in rows["name"]]) / 255
    samples = np.concatenate([np.full_like(samples[:1], np.nan), samples])
    figure, axes = figures.plt.subplots(1, 2, figsize=(12.4, 0.52 * len(decoded) + 0.9))
    centres, _ = figures.show_images(axes[0], data.planes(decoded))
    words = [
        f"beta {row.beta:g}: {row.rate:.1f} nats,\n{row.distortion:.0f} of cross-entropy" for row in rows.itertuples()
    ]
    axes[0].set_yticks(centres, ["test images", *words], fontsize=8)
    axes[0].tick_params(length=0)
    axes[0].set_title("decoded from a drawn code of each test image", fontsize=9.5)
    figures.show_images(axes[1], data.planes(samples))
    axes[1].set_title("decoded from samples of the prior", fontsize=9.5)
    figures.headline(figure, "The dearer a nat, the less of the image is paid for", x=0.01, ha="left")
    return figure


if "snakemake" in globals():
    with frame.job(snakemake):
        table = read_table(snakemake.input.rates, ["name", "role", "beta", "rate", "distortion"])
        data = Shown.of(specs.parse(snakemake.params.spec))
        figures.save(draw(table, read_arrays(snakemake.input.shown), data), snakemake.output[0])

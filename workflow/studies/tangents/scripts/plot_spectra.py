"""Draw the singular values of the models' Jacobians.

Inputs: the spectra of `differentiate_models`; the table of angles with the participation ratios.

Outputs: one figure: the encoder's singular values at one image, the same relative to the largest, and those of the
reconstruction relative to the largest, medians over many images. Solid lines are for clean inputs, dashed ones for
corrupted inputs.
"""

import numpy as np
import pandas as pd

from aelab.files.arrays import read_arrays
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs
from aelab.report import figures

INPUTS = (("clean", "-"), ("corrupted", "--"))


def draw(members: list[dict], values: np.ndarray, table: pd.DataFrame, shown: int) -> figures.plt.Figure:
    """Draw the spectra of all models.

    Parameters
    ----------
    members : list of dict
        The models, with their `name`.
    values : np.ndarray
        Singular values by inputs and Jacobian (models, 2, 2, n, k).
    table : pd.DataFrame
        The table of `measure_tangent_angles`.
    shown : int
        Index of the image whose spectra are drawn.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    over_largest = values / values[..., :1]
    panels = [
        (values[:, :, 0, shown], f"encoder at test image {shown}", "singular value", "linear"),
        (over_largest[:, :, 0, shown], "the same, over the largest", "singular value / largest", "log"),
        (
            np.median(over_largest[:, :, 1], axis=2),
            f"reconstruction, median of {values.shape[3]} images",
            "singular value / largest",
            "log",
        ),
    ]
    figure, axes = figures.plt.subplots(1, 3, figsize=(11.5, 4.1))
    numbers = np.arange(1, values.shape[-1] + 1)
    for one, (spectra, title, label, scale) in zip(axes, panels, strict=True):
        for m, member in enumerate(members):
            for i, (inputs, style) in enumerate(INPUTS):
                one.plot(
                    numbers,
                    spectra[m, i],
                    style,
                    color=figures.COLOURS[2 * m % len(figures.COLOURS)],
                    label=f"{member['name']}, {inputs}",
                    lw=1.3,
                )
        one.set_title(title, fontsize=9)
        one.set_xlabel("number of the singular value")
        one.set_ylabel(label)
        one.set_yscale(scale)
        if scale == "log":
            one.yaxis.set_major_formatter(figures.plain_numbers())
            one.yaxis.set_minor_formatter(figures.plain_numbers())
        one.set_ylim(**({"bottom": 0} if scale == "linear" else {"bottom": max(1e-3, spectra.min() / 1.5)}))
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=len(members), fontsize=7.5)
    own = table[(table["jacobian"] == "reconstruction") & (table["inputs"] == "clean") & (table["vectors"] == "right")]
    own = own.drop_duplicates("space").set_index("space")  # the ratio is the same for every dimension
    ratios = [f"{member['name']} {own.loc[member['name'], 'participation_ratio']:.1f}" for member in members]
    figures.headline(
        figure,
        "How many directions does each model keep? Participation ratio of its reconstruction at clean images:\n"
        + ", ".join(ratios),
        fontsize=9.5,
    )
    return figure


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        values = read_arrays(snakemake.input.spectra)["values"]
        table = read_table(snakemake.input.table, ["space", "inputs", "jacobian", "vectors", "participation_ratio"])
        figures.save(draw(spec["members"], values, table, spec["shown_image"]), snakemake.output[0])

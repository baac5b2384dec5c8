"""Draw the errors of every model of the denoising study, on clean and noisy images, with the linear references.

Inputs: the table of `tabulate_errors`.

Outputs: one figure with one row per model and panels for MSE, PSNR, SSIM and the judge's accuracy: open dots for clean
images, filled dots for noisy images, lines for the references on noisy images; and a panel for the shares of plausible
interpolates, open squares for pairs of the same digit, filled ones for different digits.
"""

import pandas as pd

from aelab.data.shown import Shown
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs
from aelab.report import figures

PANELS = {
    "mse": "MSE per pixel (left is better)",
    "psnr": "PSNR in dB (right is better)",
    "ssim": "SSIM (right is better)",
    "accuracy": "accuracy of the judge (right is better)",
}
PAIRS = ("plausible_same_digit", "plausible_different_digits")
REFERENCES = {
    "noisy_image": (":", "noisy image itself"),
    "noisy_image_clipped": ("-.", "noisy image, clipped"),
    "wiener_filter": ("--", "Wiener filter on noisy images"),
}


def title(models: pd.DataFrame, references: pd.DataFrame) -> str:
    """State which model denoises best, and how many are better than the best linear denoiser.

    Parameters
    ----------
    models : pd.DataFrame
        The models' rows of the table of errors.
    references : pd.DataFrame
        The references' rows, indexed by name.

    Returns
    -------
    str
        The title of the figure, two lines.
    """
    best = models.loc[models["mse_noisy"].idxmin()]
    surest = models.loc[models["accuracy_noisy"].idxmax()]
    wiener = references.loc["wiener_filter"]
    beat = int((models["mse_noisy"] < wiener["mse_noisy"]).sum())
    return (
        f"{best['name']} denoises best: MSE {best['mse_noisy']:.4f} on noisy test images; {beat} of {len(models)} "
        f"models beat the Wiener filter ({wiener['mse_noisy']:.4f}).\nThe judge reads most denoised images of "
        f"{surest['name']} rightly: {surest['accuracy_noisy']:.1%}; of the Wiener filter {wiener['accuracy_noisy']:.1%}"
    )


def draw(table: pd.DataFrame, data: Shown) -> figures.plt.Figure:
    """Draw the errors of the models in the order of the table, with lines for the references."""
    references = table[table["group"] == "references"].set_index("name")
    models = table[table["group"] != "references"].reset_index(drop=True)
    figure, axes = figures.plt.subplots(1, len(PANELS) + 1, figsize=(16.5, 0.29 * len(models) + 2.1), sharey=True)
    places = range(len(models), 0, -1)
    colours = [figures.GROUP_COLOURS[group] for group in models["group"]]
    for one, (measure, label) in zip(axes, PANELS.items(), strict=False):
        clean, noisy = models[measure], models[f"{measure}_noisy"]
        one.hlines(places, clean, noisy, colors=colours, linewidth=0.8, alpha=0.5)
        one.scatter(clean, places, s=30, facecolors="white", edgecolors=colours, linewidths=1.3, zorder=3)
        one.scatter(noisy, places, s=30, c=colours, zorder=3)
        for name, (style, _) in REFERENCES.items():
            one.axvline(references.loc[name, f"{measure}_noisy"], color="black", linestyle=style, linewidth=1)
        if measure == "mse":
            one.set_xscale("log")
            one.xaxis.set_major_formatter(figures.plain_numbers())
            one.xaxis.set_minor_formatter(figures.plain_numbers())
        one.set_xlabel(label)
    same, different = (models[column] for column in PAIRS)
    axes[-1].hlines(places, same, different, colors=colours, linewidth=0.8, alpha=0.5)
    axes[-1].scatter(same, places, s=30, marker="s", facecolors="white", edgecolors=colours, linewidths=1.3, zorder=3)
    axes[-1].scatter(different, places, s=30, marker="s", c=colours, zorder=3)
    axes[-1].set_xlabel(f"plausible interpolates between codes\n(open: same {data.word}, filled: different ones)")
    axes[0].set_yticks(list(places), models["name"])
    line = figures.plt.Line2D
    handles = [
        line([], [], marker="o", linestyle="", color="black", markerfacecolor="white", label="clean images"),
        line([], [], marker="o", linestyle="", color="black", label="noisy images"),
        *(line([], [], color="black", linewidth=1, linestyle=s, label=w) for s, w in REFERENCES.values()),
        *(
            line([], [], marker="s", linestyle="", color=colour, label=group)
            for group, colour in figures.GROUP_COLOURS.items()
            if (models["group"] == group).any()
        ),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles), fontsize=8, handletextpad=0.4)
    figures.headline(figure, title(models, references), x=0.01, ha="left", fontsize=11)
    return figure


if "snakemake" in globals():
    with frame.job(snakemake):
        data = Shown.of(specs.parse(snakemake.params.spec))
        columns = ["name", "group", *PANELS, *(f"{measure}_noisy" for measure in PANELS), *PAIRS]
        figures.save(draw(read_table(snakemake.input[0], columns), data), snakemake.output[0])

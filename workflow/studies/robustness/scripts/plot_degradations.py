"""Draw the error and the judge's accuracy by amount, for every kind of degradation.

Inputs: the table of `tabulate_degradations`.

Outputs: one figure with a column per kind: above, the MSE of every model and reference by amount; below, the accuracy
of the judge. Models of `curves` are in colour, all others grey.
"""

import pandas as pd

from aelab.data.degradation import AMOUNTS
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs
from aelab.report import figures

MEASURES = {"mse": "MSE per pixel (lower is better)", "accuracy": "accuracy of the judge (higher is better)"}
REFERENCES = {
    "nothing": (":", "nothing done"),
    "wiener_filter": ("--", "Wiener filter for this kind and amount"),
    "mean_image": ((0, (1, 3)), "mean image"),
    "limit": ("-.", "limit: knows every image"),
}


def title(table: pd.DataFrame) -> str:
    """State how many models help at most amounts of each kind of degradation.

    Parameters
    ----------
    table : pd.DataFrame
        The table of `tabulate_degradations`.

    Returns
    -------
    str
        The title of the figure.
    """
    models = table[table["group"] != "references"]
    shares = models.groupby(["kind", "name"], sort=False)["helps"].mean()
    helping = [f"{int((own > 0.5).sum())} on {word(kind)}" for kind, own in shares.groupby("kind", sort=False)]
    return (
        f"Does a denoiser help? So many of {models['name'].nunique()} models come nearer to the clean image than the "
        f"degraded image and the mean image do, at most of the amounts: {', '.join(helping)}"
    )


def word(kind: str) -> str:
    """Return the name of a kind of degradation in words."""
    return kind.replace("_", " ")


def draw(table: pd.DataFrame, curves: list[str]) -> figures.plt.Figure:
    """Draw the curves.

    Parameters
    ----------
    table : pd.DataFrame
        The table of `tabulate_degradations`.
    curves : list of str
        The models in colour.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    kinds = table["kind"].unique()
    figure, axes = figures.plt.subplots(
        len(MEASURES), len(kinds), figsize=(3.0 * len(kinds), 6.4), sharex="col", sharey="row", squeeze=False
    )
    colours = dict(zip(curves, figures.COLOURS, strict=False))
    for column, kind in enumerate(kinds):
        for name, rows in table[table["kind"] == kind].groupby("name", sort=False):
            style = {"color": "#c8c8c8", "linewidth": 0.8, "zorder": 1}
            if name in REFERENCES:
                style = {"color": "black", "linewidth": 1.2, "linestyle": REFERENCES[name][0], "zorder": 4}
            elif name in colours:
                style = {"color": colours[name], "linewidth": 1.8, "zorder": 3}
            for one, measure in zip(axes[:, column], MEASURES, strict=True):
                one.plot(rows["amount"], rows[measure], marker=".", markersize=3, **style)
        axes[0, column].set_title(word(kind))
        axes[-1, column].set_xlabel(AMOUNTS[kind])
    for one, label in zip(axes[:, 0], MEASURES.values(), strict=True):
        one.set_ylabel(label)
    axes[0, 0].set_yscale("log")
    models = table.loc[table["group"] != "references", "mse"]
    axes[0, 0].set_ylim(models[models > 0].min() / 3, table["mse"].max() * 1.3)
    axes[0, 0].yaxis.set_major_formatter(figures.plain_numbers())
    axes[0, 0].yaxis.set_minor_formatter(figures.plain_numbers())
    line = figures.plt.Line2D
    handles = [line([], [], color=colour, label=name) for name, colour in colours.items()]
    handles.append(line([], [], color="#c8c8c8", linewidth=0.8, label="other models"))
    handles += [
        line([], [], color="black", linewidth=1.2, linestyle=style, label=words) for style, words in REFERENCES.values()
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=5, fontsize=8)
    figures.headline(figure, title(table), x=0.01, ha="left", fontsize=11)
    return figure


if "snakemake" in globals():
    with frame.job(snakemake):
        table = read_table(snakemake.input[0], ["name", "group", "kind", "amount", *MEASURES, "helps"])
        figures.save(draw(table, specs.parse(snakemake.params.spec)["curves"]), snakemake.output[0])

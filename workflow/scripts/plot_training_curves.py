"""Draw the training and validation loss of each model of a study by epoch.

Inputs: the history of each model's first seed.

Outputs: one figure with one panel per model that was trained by gradients.
"""

import numpy as np
import pandas as pd

from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs
from aelab.report import figures

UNITS = {
    "mse": "MSE per pixel",
    "rmse": "RMSE per pixel",
    "cross_entropy": "nats an image",
    "negative_elbo": "nats an image",
    "squared_error": "squared error an image + KL",
    "mean_squared_error": "MSE per pixel + KL an image",
    "labels": "nats",
}


def draw(members: list[dict], histories: list[pd.DataFrame]) -> figures.plt.Figure:
    """Draw the losses, one panel per model that was trained by gradients.

    Parameters
    ----------
    members : list of dict
        The models, with their `name`, `loss` (a key of `UNITS`), `watch` (the images of the validation loss) and `on`
        (`codes` for a model that works on codes).
    histories : list of pd.DataFrame
        The history of each model, in the same order; empty for a model that is not trained by gradients.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    shown = [(member, history) for member, history in zip(members, histories, strict=True) if len(history)]
    columns = min(len(shown), 4)
    rows = -(-len(shown) // columns)
    figure, axes = figures.plt.subplots(rows, columns, figsize=(3.3 * columns, 2.6 * rows + 0.5), squeeze=False)
    for one in axes.flat[len(shown) :]:
        one.remove()
    for one, (member, history) in zip(axes.flat, shown, strict=False):
        short = len(history) <= 10
        points = {"marker": "o", "markersize": 4} if short else {}
        one.plot(history["epoch"], history["training_loss"], color="#3f90da", label="training", **points)
        if history["validation_loss"].notna().any():
            watched = {"label": member["watch"], "ls": "--", "color": "#ffa90e", **points}
            one.plot(history["epoch"], history["validation_loss"], **watched)
        last = history["training_loss"].iloc[-1]
        one.set_title(f"{figures.wrapped(member['name'], 26)}\nends at {last:.4g}", fontsize=8.5)
        one.set_xlabel("epoch")
        unit = UNITS[member["loss"]]
        one.set_ylabel(unit.replace("pixel", "number of the code") if member["on"] == "codes" else unit)
        one.xaxis.set_major_locator(figures.whole_numbers())
        losses = history[["training_loss", "validation_loss"]].to_numpy(float)
        if np.nanmin(losses) > 0 and (not short or np.nanmax(losses) > 3 * np.nanmin(losses)):
            one.set_yscale("log")
            one.yaxis.set_major_formatter(figures.plain_numbers())
            one.yaxis.set_minor_formatter(figures.plain_numbers())
        elif np.nanmin(losses) > 0:
            one.set_ylim(0, 1.1 * np.nanmax(losses))
    axes.flat[0].legend()
    figures.headline(figure, "Loss by epoch", x=0.01, ha="left")
    return figure


if "snakemake" in globals():
    with frame.job(snakemake):
        members = specs.parse(snakemake.params.spec)["curves"]
        histories = [
            read_table(path, ["epoch", "training_loss", "validation_loss"]) for path in snakemake.input.histories
        ]
        figures.save(draw(members, histories), snakemake.output[0])

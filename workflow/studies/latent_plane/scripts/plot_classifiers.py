"""Draw the training and test loss of the classifiers by epoch, with accuracies and verdicts.

Inputs: the histories of the classifiers; the table of their fits.

Outputs: one figure with one panel per classifier.
"""

import pandas as pd

from aelab.data.shown import Shown
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs
from aelab.report import figures

LINES = (
    ("training_loss", "#3f90da", "-", "training (mean over the epoch)"),
    ("validation_loss", "#ffa90e", "--", "test (after the epoch)"),
)


def draw(members: list[dict], histories: list[pd.DataFrame], fits: pd.DataFrame, data: Shown) -> figures.plt.Figure:
    """Draw the losses, one panel per classifier.

    Parameters
    ----------
    members : list of dict
        The classifiers, with their `name`.
    histories : list of pd.DataFrame
        The history of each classifier, in the same order.
    fits : pd.DataFrame
        The fit of each classifier with its verdict, indexed by name.
    data : Shown
        Words for what the images show.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    columns = min(3, len(members))
    rows = -(-len(members) // columns)
    figure, axes = figures.plt.subplots(
        rows, columns, figsize=(3.7 * columns, 2.9 * rows + 0.6), sharey=True, squeeze=False
    )
    for one in axes.flat[len(members) :]:
        one.remove()
    for one, member, history in zip(axes.flat, members, histories, strict=False):
        own = fits.loc[member["name"]]
        for column, colour, style, label in LINES:
            one.plot(history["epoch"], history[column], style, color=colour, marker=".", label=label)
        one.set_title(
            f"{figures.wrapped(member['name'], 30)}: {own['verdict']}\n"
            f"train {own['train_accuracy']:.2%}, test {own['test_accuracy']:.2%}; "
            f"lowest at epoch {own['lowest_at_epoch']:.0f}",
            fontsize=8.5,
        )
        one.set_yscale("log")
        one.yaxis.set_major_formatter(figures.plain_numbers())
        one.yaxis.set_minor_formatter(figures.plain_numbers())
        one.xaxis.get_major_locator().set_params(integer=True)
    for one in axes[-1]:
        one.set_xlabel("epoch")
    for one in axes[:, 0]:
        one.set_ylabel("cross-entropy (nats)")
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    figures.headline(
        figure,
        f"Do the classifiers over- or underfit? The best knows {fits['test_accuracy'].max():.2%} of the test "
        f"{data.words}",
        fontsize=11,
    )
    return figure


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        histories = [
            read_table(path, ["epoch", "training_loss", "validation_loss"]) for path in snakemake.input.histories
        ]
        fits = read_table(snakemake.input.fits, ["model", "train_accuracy", "test_accuracy", "verdict"])
        figures.save(
            draw(spec["members"], histories, fits.set_index("model"), Shown.of(spec)),
            snakemake.output[0],
        )

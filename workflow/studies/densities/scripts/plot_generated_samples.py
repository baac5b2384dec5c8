"""Draw the first samples of every set, and the training images that are nearest to some of them.

Inputs: the rows of `divide_images`; the centres of `cluster_images`; the samples of `sample_generators`; the table and
the neighbours of `measure_generators`; training and test images.

Outputs: one figure with one row per set: its first ten samples, the nearest training image of the first four, and its
numbers by two metrics.
"""

import numpy as np
import pandas as pd

from aelab.analysis.sample_metrics import CENTRES, HELD_OUT, TRAINING, words_of
from aelab.data import datasets, idx
from aelab.data.shown import Shown
from aelab.files.arrays import read_array, read_arrays
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs
from aelab.report import figures

SHOWN, WITH_NEAREST = 10, 4


def draw(
    table: pd.DataFrame, samples: dict[str, np.ndarray], nearest: dict[str, np.ndarray], train: np.ndarray, data: Shown
) -> figures.plt.Figure:
    """Draw the samples.

    Parameters
    ----------
    table : pd.DataFrame
        The table of `measure_generators`.
    samples : dict of str to np.ndarray
        Samples of each set (n, pixels), uint8.
    nearest : dict of str to np.ndarray
        The row of the nearest training image of each sample.
    train : np.ndarray
        Training images (m, pixels), uint8.
    data : Shown
        Shape of the images and words for what they show.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    names = list(table["name"])
    figure, axes = figures.plt.subplots(figsize=(11.5, 0.36 * len(names) + 1))
    blank = np.full((1, samples[names[0]].shape[1]), np.nan, np.float32)
    images = np.array(
        [
            np.concatenate(
                [
                    datasets.unit(samples[name][:SHOWN]),
                    blank,
                    datasets.unit(train[np.asarray(nearest[name][:WITH_NEAREST])]),
                ]
            )
            for name in names
        ]
    )
    heights, places = figures.show_images(axes, data.planes(images))
    axes.set_yticks(heights, [words_of(name) for name in names], fontsize=8)
    numbers = [
        f"Parzen {row.parzen:.0f} nats, Fréchet {row.frechet:.2f}, {row.copies:.0%} copies"
        for row in table.itertuples()
    ]
    right = axes.secondary_yaxis("right")
    right.set_yticks(heights, numbers, fontsize=7.5)
    top = axes.secondary_xaxis("top")
    middles = [places[:SHOWN].mean(), places[SHOWN + 1 :].mean()]
    top.set_xticks(middles, [f"the first {SHOWN}", f"nearest training images\nof the first {WITH_NEAREST}"], fontsize=8)
    for one in (axes, right, top):
        one.tick_params(length=0)
        one.spines[:].set_visible(False)
    figures.headline(figure, headline(table, data), x=0.01, ha="left", fontsize=11)
    return figure


def headline(table: pd.DataFrame, data: Shown) -> str:
    """Return what the figure shows in a sentence: what two metrics take to be the best samples."""
    rivals = table.set_index("name").drop(TRAINING)
    best = {"Parzen window": rivals["parzen"].idxmax(), "Fréchet distance": rivals["frechet"].idxmin()}
    said = ", ".join(f"the {metric} {words_of(name)}" for metric, name in best.items())
    return f"Which of these are {data.words}? Of all but training images, what two metrics prefer: {said}"


if "snakemake" in globals():
    with frame.job(snakemake):
        columns = ["name", "parzen", "frechet", "copies"]
        table = read_table(snakemake.input.table, columns, text=["name", "way", "model"])
        rows, found = read_arrays(snakemake.input.rows), read_arrays(snakemake.input.nearest)
        train, test = (idx.read_images(snakemake.input[f"{part}_images"]) for part in ("train", "test"))
        samples = {
            HELD_OUT: test[rows["held_out"][:SHOWN]],
            TRAINING: train[rows["training"][:SHOWN]],
            CENTRES: read_array(snakemake.input.centres),
            **read_arrays(snakemake.input.samples),
        }
        nearest = {name: found[f"{name}_nearest"] for name in table["name"]}
        figures.save(
            draw(table, samples, nearest, train, Shown.of(specs.parse(snakemake.params.spec))), snakemake.output[0]
        )

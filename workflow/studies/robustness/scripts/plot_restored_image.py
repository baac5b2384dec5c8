"""Draw one test image with every kind of degradation, and what models make of it.

Inputs: the images of `measure_references`; those of `measure_degraded` for every model of `curves`.

Outputs: one figure with two rows per kind of degradation, at an amount in the middle and at the largest, and columns
for the degraded image, the Wiener filter and the models. Green frames: the judge reads the right class; red: another.
"""

import numpy as np

from aelab.data import degradation
from aelab.data.shown import Shown
from aelab.files.arrays import read_arrays
from aelab.jobs import frame
from aelab.plan import specs
from aelab.report import figures


def chosen(amounts: dict[str, list[float]]) -> list[int]:
    """Return which kinds and amounts are drawn, as places in the list of all: of each kind the middle and the last."""
    places, first = [], 0
    for kind in dict.fromkeys(kind for kind, _ in degradation.listed(amounts)):
        count = len(amounts[kind])
        places += dict.fromkeys([first + (count - 1) // 2, first + count - 1])
        first += count
    return places


def draw(references: dict, restored: list[dict], curves: list[str], amounts: dict, data: Shown) -> figures.plt.Figure:
    """Draw the images.

    Parameters
    ----------
    references : dict of str to np.ndarray
        What `measure_references` found.
    restored : list of dict
        What `measure_degraded` found for each model.
    curves : list of str
        The names of the models.
    amounts : dict of str to list of float
        The amounts of each kind of degradation.
    data : Shown
        The data set.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    cases, places = degradation.listed(amounts), chosen(amounts)
    columns = [
        ("degraded", references["degraded"], references["degraded_read_as"]),
        ("Wiener filter", references["filtered"], references["filtered_read_as"]),
        *((name, found["restored"], found["read_as"]) for name, found in zip(curves, restored, strict=True)),
    ]
    images = np.stack([data.planes(made[places]) for _, made, _ in columns], axis=1)
    label = int(references["label"])
    frames = [
        [figures.RIGHT if read_as[place] == label else figures.WRONG for _, _, read_as in columns] for place in places
    ]
    figure, axes = figures.plt.subplots(figsize=(0.92 * len(columns) + 1.6, 0.82 * len(places) + 1.6))
    down, across = figures.show_images(axes, np.clip(images, 0, 1), frames, gap=max(2, data.shape[0] // 7))
    axes.set_yticks(down, [f"{cases[place][0].replace('_', ' ')} {cases[place][1]:g}" for place in places], fontsize=8)
    axes.set_xticks(across, [figures.wrapped(name) for name, _, _ in columns], fontsize=7)
    axes.tick_params(length=0, labeltop=True, labelbottom=False, top=False)
    right = np.array(frames) == figures.RIGHT
    read, filtered, *models = right.sum(axis=0)
    figures.headline(
        figure,
        f"One test image ({data.name(label)}), degraded in {len(places)} ways. The judge reads it rightly {read} times "
        f"as it is, {filtered} times after the Wiener filter, at most {max(models, default=0)} times after a model",
        x=0.01,
        ha="left",
        fontsize=10,
    )
    return figure


if "snakemake" in globals():
    with frame.job(snakemake):
        spec, paths = specs.parse(snakemake.params.spec), snakemake.input
        restored = [read_arrays(path) for path in paths.restored]
        data = Shown.of(spec)
        figures.save(
            draw(read_arrays(paths.references), restored, spec["curves"], spec["degradations"], data),
            snakemake.output[0],
        )

"""Draw the images that were published as interpolations beside the interpolations that were asked for.

Inputs: the images of `feed_images_back`; the paths of `interpolate_codes`; test images and labels.

Outputs: two figures, for the same digit and for different digits. For each model, ten rows at the left, as published: a
test image, then what comes out after each time through the model; and ten at the right, as asked for: two test images
drawn at random with seven linear interpolates between their codes.
"""

import numpy as np

from aelab.data import datasets
from aelab.data.shown import Shown
from aelab.files.arrays import read_arrays
from aelab.jobs import frame
from aelab.plan import specs
from aelab.report import figures

ROWS = 10


def as_published(
    arrays: dict[str, np.ndarray], kind: str, name: str, images: np.ndarray, labels: np.ndarray
) -> tuple[np.ndarray, np.ndarray, list[list[int]]]:
    """Collect the images of the left half.

    Parameters
    ----------
    arrays : dict of str to np.ndarray
        The arrays of `fed_back.npz`.
    kind : {"same_digit", "different_digits"}
        Which of the two figures.
    name : str
        The model.
    images : np.ndarray
        Test images (n, pixels), uint8.
    labels : np.ndarray
        Class numbers of the test images (n,).

    Returns
    -------
    shown : np.ndarray
        Images (rows, 1 + times, pixels), uint8.
    right : np.ndarray
        Whether the judge reads the class of the first image, for each of the others (rows, times).
    classes : list of list of int
        The class of each row.
    """
    rows = arrays[f"{kind}_rows"][:ROWS]
    shown = np.concatenate([images[rows][:, None], arrays[f"{kind}_{name}_images"][:ROWS]], axis=1)
    right = arrays[f"{kind}_{name}_read_as"][:ROWS] == labels[rows][:, None]
    return shown, right, labels[rows][:, None].tolist()


def as_asked(
    arrays: dict[str, np.ndarray], kind: str, name: str, images: np.ndarray, labels: np.ndarray
) -> tuple[np.ndarray, np.ndarray, list[list[int]]]:
    """Collect the images of the right half, from the arrays of `paths.npz`.

    Parameters and results are those of `as_published`, except that there are two test images in a row, with seven
    interpolates between them, which the judge may read as the class of either.
    """
    rows = arrays[f"{kind}_rows"][:ROWS]
    ends = images[rows]
    between = arrays[f"{kind}_{name}.linear_images"][:ROWS]
    shown = np.concatenate([ends[:, :1], between, ends[:, 1:]], axis=1)
    right = (arrays[f"{kind}_{name}.linear_read_as"][:ROWS, :, None] == labels[rows][:, None]).any(-1)
    return shown, right, labels[rows].tolist()


def draw(
    names: list[str],
    kind: str,
    fed_back: dict[str, np.ndarray],
    paths: dict[str, np.ndarray],
    images: np.ndarray,
    labels: np.ndarray,
    data: Shown,
) -> figures.plt.Figure:
    """Draw one figure.

    Parameters
    ----------
    names : list of str
        The models, one below the other.
    kind : {"same_digit", "different_digits"}
        Which of the two figures.
    fed_back, paths : dict of str to np.ndarray
        The arrays of `fed_back.npz` and `paths.npz`.
    images : np.ndarray
        Test images (n, pixels), uint8.
    labels : np.ndarray
        Class numbers of the test images (n,).
    data : Shown
        Shape of the images and names of the classes.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    figure, axes = figures.plt.subplots(len(names), 2, figsize=(11.3, 6.1 * len(names) + 1.1), squeeze=False)
    for line, name in zip(axes, names, strict=True):
        for one, collect, arrays in zip(line, (as_published, as_asked), (fed_back, paths), strict=True):
            shown, right, classes = collect(arrays, kind, name, images, labels)
            published = collect is as_published
            frames = [
                [None, *np.where(row, figures.RIGHT, figures.WRONG), *([] if published else [None])] for row in right
            ]
            heights, _ = figures.show_images(one, data.planes(datasets.unit(shown)), frames)
            one.set_yticks(heights, [" to ".join(data.names(numbers)) for numbers in classes])
            one.tick_params(length=0)
            times = shown.shape[1] - 1
            one.set_title(
                f"AS PUBLISHED: one test image, fed back {times} times"
                if published
                else "AS ASKED: two random test images, codes interpolated",
                fontsize=9.5,
            )
            one.set_xlabel(f"{right.sum()} of {right.size} read as {'the first image' if published else 'an end'}")
    of = f"the same {data.word}" if kind == "same_digit" else f"different {data.words}"
    figures.headline(
        figure,
        f'What was published as "10 pairs of {of}" interpolates nothing ({", ".join(names)})\n'
        f"green: the judge reads the {data.word} of the first image, or of an end; red: another",
        fontsize=10,
    )
    return figure


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        images, labels = datasets.read_labelled(snakemake.input.images, snakemake.input.labels)
        fed_back, paths = (read_arrays(path) for path in (snakemake.input.fed_back, snakemake.input.paths))
        names, data = [member["name"] for member in spec["members"]], Shown.of(spec)
        for kind in ("same_digit", "different_digits"):
            drawn = draw(names, kind, fed_back, paths, images, labels, data)
            figures.save(drawn, snakemake.output[kind])

"""Draw ten pairs of test images with the images between them.

Inputs: the paths of `interpolate_codes`; test images and labels.

Outputs: one figure with one row for each of ten pairs and, for each path (linear and spherical, or the pixel blend),
9 columns: the real first image, seven interpolates, the real last image. The frame of an interpolate shows whether the
judge reads it as the digit of either end.
"""

import numpy as np

from aelab.data import datasets
from aelab.data.shown import Shown
from aelab.files.arrays import read_arrays
from aelab.jobs import frame
from aelab.plan import specs
from aelab.report import figures

ROWS = 10


def with_ends(between: np.ndarray, rows: np.ndarray, images: np.ndarray) -> np.ndarray:
    """Put the real images of each pair at the ends of its interpolates.

    Parameters
    ----------
    between : np.ndarray
        Interpolates (pairs, 7, pixels), uint8.
    rows : np.ndarray
        Row numbers of the images of each pair (pairs, 2).
    images : np.ndarray
        Test images (n, pixels), uint8.

    Returns
    -------
    np.ndarray
        Images (pairs, 9, pixels) with pixels in [0, 1].
    """
    ends = datasets.unit(images[rows])
    return np.concatenate([ends[:, :1], datasets.unit(between), ends[:, 1:]], axis=1)


def draw(
    arrays: dict[str, np.ndarray], images: np.ndarray, labels: np.ndarray, pairs: str, name: str, data: Shown
) -> figures.plt.Figure:
    """Draw the interpolates of one model, or the pixel blends.

    Parameters
    ----------
    arrays : dict of str to np.ndarray
        The arrays of `paths.npz`, as `interpolate_codes` writes them.
    images : np.ndarray
        Test images (n, pixels), uint8.
    labels : np.ndarray
        Class numbers of the test images (n,).
    pairs : {"same_digit", "different_digits"}
        Kind of pairs.
    name : str
        A model, or `pixel_blend`.
    data : Shown
        Shape of the images and names of the classes.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    series = [name] if name == "pixel_blend" else [f"{name}.linear", f"{name}.spherical"]
    rows = arrays[f"{pairs}_rows"][:ROWS]
    figure, axes = figures.plt.subplots(1, len(series), figsize=(5.3 * len(series) + 0.7, 6.7), squeeze=False)
    for one, path in zip(axes[0], series, strict=True):
        read_as = arrays[f"{pairs}_{path}_read_as"][:ROWS]
        right = (read_as[:, :, None] == labels[rows][:, None]).any(-1)
        frames = [[None, *np.where(row, figures.RIGHT, figures.WRONG), None] for row in right]
        shown = with_ends(arrays[f"{pairs}_{path}_images"][:ROWS], rows, images)
        heights, _ = figures.show_images(one, data.planes(shown), frames)
        one.set_yticks(heights, [" to ".join(data.names(labels[pair])) for pair in rows])
        one.tick_params(length=0)
        title = "blend of the pixels" if name == "pixel_blend" else f"{path.split('.')[1]} path of the code"
        one.set_title(f"{title}: {right.sum()} of {right.size} read as an end", fontsize=9.5)
    what = "a blend of the pixels" if name == "pixel_blend" else name
    of = f"the same {data.word}" if pairs == "same_digit" else f"different {data.words}"
    figures.headline(
        figure,
        f"Between two test images of {of}: {what}\n"
        f"first and last column: the real images; green: the judge reads the {data.word} of an end, red: another",
        fontsize=10,
    )
    return figure


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        images, labels = datasets.read_labelled(snakemake.input.images, snakemake.input.labels)
        arrays = read_arrays(snakemake.input.paths)
        figures.save(draw(arrays, images, labels, spec["pairs"], spec["drawn"], Shown.of(spec)), snakemake.output[0])

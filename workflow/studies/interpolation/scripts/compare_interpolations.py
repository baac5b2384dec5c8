"""Draw the same pairs of images with every path between them, for all models side by side.

Inputs: the paths of `interpolate_codes`; test images and labels.

Outputs: one figure of four panels, two for pairs of the same digit and two for pairs of different digits. Each panel
has one row per series (the pixel blend, then the linear and the spherical path of each model) and 9 columns: the real
first image, seven interpolates, the real last image.
"""

import numpy as np

from aelab.data import datasets
from aelab.data.shown import Shown
from aelab.files.arrays import read_arrays
from aelab.jobs import frame
from aelab.plan import specs
from aelab.report import figures

PANELS = (("same_digit", 3), ("different_digits", 3), ("same_digit", 8), ("different_digits", 8))


def draw(
    members: list[dict], arrays: dict[str, np.ndarray], images: np.ndarray, labels: np.ndarray, data: Shown
) -> figures.plt.Figure:
    """Draw the four panels.

    Parameters
    ----------
    members : list of dict
        The models of the study, with their `name`.
    arrays : dict of str to np.ndarray
        The arrays of `paths.npz`, as `interpolate_codes` writes them.
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
    series = ["pixel_blend"]
    series += [f"{member['name']}.{path}" for member in members for path in ("linear", "spherical")]
    figure, axes = figures.plt.subplots(2, 2, figsize=(12.4, 1.02 * len(series) + 1.2))
    for one, (pairs, number) in zip(axes.flat, PANELS, strict=True):
        first, last = arrays[f"{pairs}_rows"][number % len(arrays[f"{pairs}_rows"])]
        shown = [
            [
                datasets.unit(image)
                for image in (
                    images[first],
                    *arrays[f"{pairs}_{name}_images"][number % len(arrays[f"{pairs}_rows"])],
                    images[last],
                )
            ]
            for name in series
        ]
        heights, _ = figures.show_images(one, data.planes(np.array(shown)))
        names = [name.replace("pixel_blend", "blend of the pixels").replace(".", ", ") for name in series]
        one.set_yticks(heights, names if one.get_subplotspec().is_first_col() else [""] * len(names))
        one.tick_params(length=0)
        one.set_title(
            f"test {first} to test {last}: {data.name(labels[first])} to {data.name(labels[last])}", fontsize=9.5
        )
    figures.headline(
        figure,
        f"What lies between two {data.words}: the same pairs by a blend of the pixels and by the codes of each model",
    )
    return figure


if "snakemake" in globals():
    with frame.job(snakemake):
        images, labels = datasets.read_labelled(snakemake.input.images, snakemake.input.labels)
        arrays = read_arrays(snakemake.input.paths)
        spec = specs.parse(snakemake.params.spec)
        figures.save(draw(spec["members"], arrays, images, labels, Shown.of(spec)), snakemake.output[0])

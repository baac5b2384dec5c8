"""Draw ten pairs of test images and what lies between them.

In: the paths of `interpolate_codes`, test images and labels. Out: one figure with 10 rows, a pair each,
and for each path (linear and spherical, or the pixel blend) 9 columns: the first image, seven
interpolates, the last image. The ends are the real images; a frame says whether the judge reads an
interpolate as the digit of one of the ends.
"""

import numpy as np

from aelab.data import datasets
from aelab.data.shown import Shown
from aelab.files.arrays import read_arrays
from aelab.jobs import frame
from aelab.plan import specs
from aelab.report import figures

ROWS = 10


def with_ends(between, rows, images):
    """Images (pairs, 9, pixels) in [0, 1]: the real first image, the interpolates, the real last image."""
    ends = datasets.unit(images[rows])
    return np.concatenate([ends[:, :1], datasets.unit(between), ends[:, 1:]], axis=1)


def draw(arrays, images, labels, pairs, name, data):
    """The figure of one model, or of the `pixel_blend`."""
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

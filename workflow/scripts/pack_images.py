"""Pack test images of a data set for the page of results.

Inputs: test images and labels.

Outputs: a script that holds as many images as the page has room for, from the first on, the labels of all test images,
and the mean image of each class over all of them.
"""

import numpy as np

from aelab.analysis.iterations import class_means
from aelab.data import datasets
from aelab.files.atomic import replacing
from aelab.jobs import frame
from aelab.page import packing
from aelab.plan import specs

ROOM = 1_200_000  # pixels
FINE = 2**8  # steps of a mean image's pixels in a grey level


def images_of(images: np.ndarray, labels: np.ndarray) -> dict:
    """Return images as the page takes them.

    Parameters
    ----------
    images : np.ndarray
        Test images (n, pixels), uint8.
    labels : np.ndarray
        Their class numbers (n,).
    """
    classes, means = class_means(datasets.unit(images), labels)
    return {
        "images": {"step": 1 / 255, **packing.packed_runs(images[: max(1, ROOM // images.shape[1])])},
        "labels": packing.packed(labels),
        "means": {"step": 1 / 255 / FINE, **packing.packed_runs(np.round(means * 255 * FINE).astype(int))},
        "classes": [int(number) for number in classes],
    }


if "snakemake" in globals():
    with frame.job(snakemake):
        name = specs.parse(snakemake.params.spec)["dataset"]
        images, labels = datasets.read_labelled(snakemake.input.images, snakemake.input.labels)
        with replacing(snakemake.output[0]) as file:
            file.write(packing.script("images", name, images_of(images, labels)))

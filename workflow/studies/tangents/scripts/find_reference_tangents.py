"""Find the tangent spaces that models are measured against: of neighbours and of transformations.

In: training and test images, the split. Out: an `.npz` file for the first test images of the split:
`rows` (n,), their numbers; `images` (n, pixels) in [0, 1]; `neighbours` (n, d, pixels), the principal components
of the nearest training images; `further` (n, d, pixels), those of as many training images that come next,
which says how well such a space is known at all; `transformations` (n, 4, pixels), the unit tangents
of shifts, rotation and thickness; `all_images` (d, pixels), the principal components of all training images.
All bases are orthonormal but `transformations`.
"""

import numpy as np
from sklearn.neighbors import NearestNeighbors

from aelab.analysis import tangents
from aelab.data import datasets, idx
from aelab.files.atomic import write_arrays
from aelab.inference import linear
from aelab.jobs import frame
from aelab.plan import specs


def reference_tangents(images, training, shape, n_neighbours, dimension):
    """The arrays for images (n, pixels) of a shape, all in [0, 1]; training images (m, pixels)."""
    near = NearestNeighbors(n_neighbors=2 * n_neighbours, algorithm="brute").fit(training)
    found = near.kneighbors(images, return_distance=False)
    neighbours, _ = tangents.local_components(training[found[:, :n_neighbours]], dimension)
    further, _ = tangents.local_components(training[found[:, n_neighbours:]], dimension)
    return {
        "images": images,
        "neighbours": neighbours,
        "further": further,
        "transformations": tangents.analytic_tangents(images, shape),
        "all_images": linear.principal_components(training, dimension)[1].astype(np.float32),
    }


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        split = datasets.read_split(snakemake.input.split)
        rows = split["test"][: spec["images"]]
        arrays = reference_tangents(
            datasets.unit(idx.read_images(snakemake.input.test_images)[rows]),
            datasets.unit(idx.read_images(snakemake.input.train_images)[split["train"]]),
            idx.image_shape(snakemake.input.test_images),
            spec["neighbours"],
            spec["tangent_dimension"],
        )
        write_arrays(snakemake.output[0], {"rows": rows, **arrays})

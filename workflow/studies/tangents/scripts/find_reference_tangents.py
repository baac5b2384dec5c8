"""Find the tangent spaces that models are compared with: those of nearest neighbours and of transformations.

Inputs: training and test images; the split.

Outputs: an `.npz` file about the first test images of the split:

- `rows` (n,), their row numbers, and `images` (n, pixels) in [0, 1];
- `neighbours` (n, d, pixels), the principal components of the nearest training images;
- `further` (n, d, pixels), those of the same number of next nearest training images, which show how well such a space
  is determined;
- `transformations` (n, 4, pixels), the unit tangents of shifts, rotation and thickness;
- `all_images` (d, pixels), the principal components of all training images.

All bases except `transformations` are orthonormal.
"""

import numpy as np
from sklearn.neighbors import NearestNeighbors

from aelab.analysis import tangents
from aelab.data import datasets, idx
from aelab.files.atomic import write_arrays
from aelab.inference import linear
from aelab.jobs import frame
from aelab.plan import specs


def reference_tangents(
    images: np.ndarray, training: np.ndarray, shape: tuple[int, int], n_neighbours: int, dimension: int
) -> dict[str, np.ndarray]:
    """Compute the reference tangents at images.

    Parameters
    ----------
    images : np.ndarray
        Images (n, pixels) with pixels in [0, 1].
    training : np.ndarray
        Training images (m, pixels) with pixels in [0, 1].
    shape : tuple of int
        Rows and columns of an image.
    n_neighbours : int
        Number of nearest training images that span a space.
    dimension : int
        Dimension of the spaces, less than `n_neighbours`.

    Returns
    -------
    dict of str to np.ndarray
        The arrays of the output, without `rows`.
    """
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
            spec["dimension"],
        )
        write_arrays(snakemake.output[0], {"rows": rows, **arrays})

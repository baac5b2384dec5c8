"""Tangent spaces of images (n, pixels): of transformations, of neighbours, of models; and the angles between them."""

import numpy as np
from scipy import ndimage

TRANSFORMATIONS = ("shift_x", "shift_y", "rotation", "thickness")


def analytic_tangents(images, shape, smoothing=0.9):
    """Unit vectors (n, 4, pixels), float32: how an image changes when moved right, down, turned or drawn thicker.

    `smoothing` is the standard deviation, in pixels, of the Gaussian that the images are smoothed with
    before their gradient g is taken. Shifts: -dg/dx and -dg/dy; rotation about the centre of the image,
    clockwise as shown; thickness: |g|^2 (Simard et al. 1998, Transformation invariance in pattern recognition).
    """
    planes = np.asarray(images, np.float64).reshape(-1, *shape)
    across = ndimage.gaussian_filter(planes, (0, smoothing, smoothing), order=(0, 0, 1))
    down = ndimage.gaussian_filter(planes, (0, smoothing, smoothing), order=(0, 1, 0))
    rows, columns = shape
    y, x = np.mgrid[:rows, :columns] - np.array([(rows - 1) / 2, (columns - 1) / 2])[:, None, None]
    vectors = np.stack([-across, -down, y * across - x * down, across**2 + down**2], axis=1)
    vectors = vectors.reshape(len(planes), len(TRANSFORMATIONS), rows * columns)
    return (vectors / np.maximum(np.linalg.norm(vectors, axis=2, keepdims=True), 1e-300)).astype(np.float32)


def local_components(neighbours, n_components):
    """Principal components of each image's neighbours (n, neighbours, pixels), about the neighbours' mean.

    Returns orthonormal components (n, n_components, pixels), float32, and their variances (n, n_components);
    as many as there are neighbours less one, if that is fewer.
    """
    centred = np.asarray(neighbours, np.float64)
    centred = centred - centred.mean(axis=1, keepdims=True)
    gram = centred @ centred.transpose(0, 2, 1)
    values, vectors = np.linalg.eigh(gram)
    n_components = min(n_components, gram.shape[1] - 1)
    values, vectors = values[:, ::-1][:, :n_components], vectors[:, :, ::-1][:, :, :n_components]
    components = vectors.transpose(0, 2, 1) @ centred
    components /= np.maximum(np.linalg.norm(components, axis=2, keepdims=True), 1e-12)
    return signed(components).astype(np.float32), values / (gram.shape[1] - 1)


def svd_of_product(left, right):
    """Singular values (n, k), right (n, k, d) and left (n, k, m) singular vectors of left (n, m, k) @ right (n, k, d).

    In float64, without the (m, d) matrices: both factors are reduced to k x k first.
    """
    right_basis, right_rest = np.linalg.qr(np.asarray(right, np.float64).transpose(0, 2, 1))
    left_basis, left_rest = np.linalg.qr(np.asarray(left, np.float64))
    turned_left, values, turned_right = np.linalg.svd(left_rest @ right_rest.transpose(0, 2, 1))
    return (
        values,
        signed(turned_right @ right_basis.transpose(0, 2, 1)),
        signed((left_basis @ turned_left).transpose(0, 2, 1)),
    )


def svd_of_rows(matrices):
    """Singular values (n, k) and right singular vectors (n, k, d) of matrices (n, k, d), in float64."""
    _, values, vectors = np.linalg.svd(np.asarray(matrices, np.float64), full_matrices=False)
    return values, signed(vectors)


def signed(vectors):
    """Vectors (..., d) with the sign that makes their largest component positive: a singular vector has none."""
    largest = np.take_along_axis(vectors, np.abs(vectors).argmax(axis=-1)[..., None], axis=-1)
    return vectors * np.where(largest < 0, -1.0, 1.0)


def participation_ratio(values):
    """Effective number of directions of spectra (..., k) of singular values: (sum s^2)^2 / sum s^4."""
    energy = np.asarray(values, np.float64) ** 2
    return energy.sum(axis=-1) ** 2 / (energy**2).sum(axis=-1)


def principal_angles(overlaps):
    """Principal angles in degrees, ascending, of two spaces; `overlaps` (..., a, b) of their orthonormal bases."""
    cosines = np.linalg.svd(np.asarray(overlaps, np.float64), compute_uv=False)
    return np.degrees(np.arccos(np.clip(cosines, 0, 1)))


def angles_to_space(overlaps):
    """Angles in degrees (..., b) between unit vectors and a space, from inner products (..., a, b) with its basis."""
    inside = np.linalg.norm(np.asarray(overlaps, np.float64), axis=-2)
    return np.degrees(np.arccos(np.clip(inside, 0, 1)))

"""Tangent spaces of images (n, pixels), from transformations, neighbours or models, and the angles between them."""

import numpy as np
from numpy.typing import ArrayLike
from scipy import ndimage

TRANSFORMATIONS = ("shift_x", "shift_y", "rotation", "thickness")


def analytic_tangents(images: np.ndarray, shape: tuple[int, int], smoothing: float = 0.9) -> np.ndarray:
    """Return how images change when they are moved to the right, moved down, rotated, or drawn with thicker lines.

    Parameters
    ----------
    images : np.ndarray, shape (n, pixels)
        Images.
    shape : (int, int)
        Rows and columns of an image.
    smoothing : float
        Standard deviation, in pixels, of the Gaussian that smooths images before their gradient is computed.

    Returns
    -------
    np.ndarray, shape (n, 4, pixels)
        Unit vectors, float32, in the order of `TRANSFORMATIONS`.

    Notes ----- With the gradient g, these are -dg/dx and -dg/dy for shifts, the rotation about the centre of the image,
    clockwise as shown, and |g|^2 for thickness.

    References
    ----------
    Simard et al. (1998), Transformation invariance in pattern recognition.
    """
    planes = np.asarray(images, np.float64).reshape(-1, *shape)
    across = ndimage.gaussian_filter(planes, (0, smoothing, smoothing), order=(0, 0, 1))
    down = ndimage.gaussian_filter(planes, (0, smoothing, smoothing), order=(0, 1, 0))
    rows, columns = shape
    y, x = np.mgrid[:rows, :columns] - np.array([(rows - 1) / 2, (columns - 1) / 2])[:, None, None]
    vectors = np.stack([-across, -down, y * across - x * down, across**2 + down**2], axis=1)
    vectors = vectors.reshape(len(planes), len(TRANSFORMATIONS), rows * columns)
    return (vectors / np.maximum(np.linalg.norm(vectors, axis=2, keepdims=True), 1e-300)).astype(np.float32)


def local_components(neighbours: np.ndarray, n_components: int) -> tuple[np.ndarray, np.ndarray]:
    """Compute the principal components of the neighbours of each image, about their mean.

    Parameters
    ----------
    neighbours : np.ndarray, shape (n, m, pixels)
        The m neighbours of each of n images.
    n_components : int
        How many components to compute, at most m - 1.

    Returns
    -------
    components : np.ndarray, shape (n, n_components, pixels)
        Orthonormal components, float32, by decreasing variance.
    variances : np.ndarray, shape (n, n_components)
        Their variances.
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


def svd_of_product(left: ArrayLike, right: ArrayLike) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Compute the singular value decomposition of left @ right in float64, without the matrices (m, d) of the product.

    Parameters
    ----------
    left : array-like, shape (n, m, k)
        The left factors. They are reduced to k x k matrices by a QR decomposition, as are the right ones.
    right : array-like, shape (n, k, d)
        The right factors.

    Returns
    -------
    values : np.ndarray, shape (n, k)
        Singular values.
    right_vectors : np.ndarray, shape (n, k, d)
        Right singular vectors.
    left_vectors : np.ndarray, shape (n, k, m)
        Left singular vectors.
    """
    right_basis, right_rest = np.linalg.qr(np.asarray(right, np.float64).transpose(0, 2, 1))
    left_basis, left_rest = np.linalg.qr(np.asarray(left, np.float64))
    turned_left, values, turned_right = np.linalg.svd(left_rest @ right_rest.transpose(0, 2, 1))
    return (
        values,
        signed(turned_right @ right_basis.transpose(0, 2, 1)),
        signed((left_basis @ turned_left).transpose(0, 2, 1)),
    )


def svd_of_rows(matrices: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return singular values (n, k) and right singular vectors (n, k, d) of matrices (n, k, d), in float64."""
    _, values, vectors = np.linalg.svd(np.asarray(matrices, np.float64), full_matrices=False)
    return values, signed(vectors)


def signed(vectors: np.ndarray) -> np.ndarray:
    """Return vectors (..., d) with the sign that makes the component of largest magnitude positive.

    The signs of singular vectors are arbitrary otherwise.
    """
    largest = np.take_along_axis(vectors, np.abs(vectors).argmax(axis=-1)[..., None], axis=-1)
    return vectors * np.where(largest < 0, -1.0, 1.0)


def participation_ratio(values: ArrayLike) -> np.ndarray:
    """Return the effective number of directions in spectra (..., k) of singular values s: (sum s^2)^2 / sum s^4."""
    energy = np.asarray(values, np.float64) ** 2
    return energy.sum(axis=-1) ** 2 / (energy**2).sum(axis=-1)


def principal_angles(overlaps: ArrayLike) -> np.ndarray:
    """Return the principal angles between two spaces, in degrees, in ascending order.

    Parameters
    ----------
    overlaps : array-like, shape (..., a, b)
        Inner products of the vectors in orthonormal bases of the two spaces.

    Returns
    -------
    np.ndarray, shape (..., min(a, b))
    """
    cosines = np.linalg.svd(np.asarray(overlaps, np.float64), compute_uv=False)
    return np.degrees(np.arccos(np.clip(cosines, 0, 1)))


def angles_to_space(overlaps: ArrayLike) -> np.ndarray:
    """Return the angles between unit vectors and a space, in degrees.

    Parameters
    ----------
    overlaps : array-like, shape (..., a, b)
        Inner products of the a vectors of an orthonormal basis of the space with the b unit vectors.

    Returns
    -------
    np.ndarray, shape (..., b)
    """
    inside = np.linalg.norm(np.asarray(overlaps, np.float64), axis=-2)
    return np.degrees(np.arccos(np.clip(inside, 0, 1)))

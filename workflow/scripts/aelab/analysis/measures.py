"""Measure reconstructions. Images are (n, pixels) with pixels in [0, 1]."""

from collections.abc import Callable
from functools import wraps

import numpy as np
from numpy.typing import ArrayLike


def a_few_at_a_time(measure: Callable[..., np.ndarray], few: int = 250) -> Callable[..., np.ndarray]:
    """Make a measure of single images process `few` images at once, so that its arrays fit into the cache."""

    @wraps(measure)
    def of_all(*arrays: np.ndarray, **options: float) -> np.ndarray:
        starts = range(0, max(len(arrays[0]), 1), few)
        return np.concatenate([measure(*(array[s : s + few] for array in arrays), **options) for s in starts])

    return of_all


def mse(images: np.ndarray, reconstructions: np.ndarray) -> float:
    """Return the mean squared error per pixel, averaged over the images in float64."""
    return float(mse_per_image(images, reconstructions).mean())


@a_few_at_a_time
def mse_per_image(images: np.ndarray, reconstructions: np.ndarray) -> np.ndarray:
    """Return the mean squared error per pixel of each image, float64 (n,)."""
    difference = np.asarray(images, np.float64) - np.asarray(reconstructions, np.float64)
    return (difference**2).mean(axis=1)


@a_few_at_a_time
def correction_cosine_per_image(images: np.ndarray, corrupted: np.ndarray, corrected: np.ndarray) -> np.ndarray:
    """Compare the direction of a correction with the way back to the clean image.

    Parameters
    ----------
    images : np.ndarray
        Clean images x (n, pixels).
    corrupted : np.ndarray
        Their corrupted copies x~ (n, pixels).
    corrected : np.ndarray
        What is made of those, r(x~) (n, pixels).

    Returns
    -------
    np.ndarray
        Cosines of the angles between r(x~) - x~ and x - x~, float64 (n,). 0 where one of the two is zero.
    """
    start = np.asarray(corrupted, np.float64)
    made, wanted = np.asarray(corrected, np.float64) - start, np.asarray(images, np.float64) - start
    lengths = np.linalg.norm(made, axis=1) * np.linalg.norm(wanted, axis=1)
    return (made * wanted).sum(axis=1) / np.where(lengths > 0, lengths, np.inf)


@a_few_at_a_time
def cross_entropy_per_image(images: np.ndarray, reconstructions: np.ndarray, epsilon: float = 1e-7) -> np.ndarray:
    """Return the cross-entropy of grey pixels, summed over the pixels of each image, in nats.

    Its minimum for given images is `cross_entropy_per_image(images, images)`.

    Parameters
    ----------
    images : np.ndarray, shape (n, pixels)
        Images in [0, 1].
    reconstructions : np.ndarray, shape (n, pixels)
        Probabilities, which are clipped to [epsilon, 1 - epsilon].
    epsilon : float
        See `reconstructions`.

    Returns
    -------
    np.ndarray, shape (n,)
        float64.
    """
    x = np.asarray(images, np.float64)
    p = np.clip(np.asarray(reconstructions, np.float64), epsilon, 1 - epsilon)
    return -(x * np.log(p) + (1 - x) * np.log1p(-p)).sum(axis=1)


@a_few_at_a_time
def cross_entropy_of_logits_per_image(images: np.ndarray, logits: np.ndarray) -> np.ndarray:
    """Return the `cross_entropy_per_image` of sigmoid(logits), without rounding at 0 and 1, float64 (n,)."""
    x, z = np.asarray(images, np.float64), np.asarray(logits, np.float64)
    return (np.maximum(z, 0) - z * x + np.log1p(np.exp(-np.abs(z)))).sum(axis=1)


def kl_per_dimension(mean: np.ndarray, log_sigma: np.ndarray) -> np.ndarray:
    """Return KL(N(mean, sigma^2) || N(0, 1)) of each dimension (n, k), in nats.

    References
    ----------
    Kingma and Welling (2014), Auto-encoding variational Bayes, appendix B.
    """
    return -0.5 * (1 + 2 * log_sigma - np.square(mean) - np.exp(2 * log_sigma))


def dead_outputs(values: ArrayLike, tolerance: float = 0.0) -> int:
    """Count the columns of an array (n, k) that are at most `tolerance` in every row: pixels or units that are off."""
    return int((np.asarray(values) <= tolerance).all(axis=0).sum())


def constant_outputs(values: ArrayLike, tolerance: float = 1e-6) -> int:
    """Count the columns of an array (n, k) whose values differ by at most `tolerance`."""
    return int((np.ptp(np.asarray(values), axis=0) <= tolerance).sum())


def sharpness(images: np.ndarray, reconstructions: np.ndarray, shape: tuple[int, int]) -> float:
    """Return the squared differences between neighbouring pixels of reconstructions, relative to those of the images.

    Parameters
    ----------
    images : np.ndarray, shape (n, pixels)
        Images in [0, 1].
    reconstructions : np.ndarray, shape (n, pixels)
        Reconstructions, which are clipped to [0, 1].
    shape : (int, int)
        Rows and columns of an image.

    Returns
    -------
    float
        The ratio of the sums over all images; 1 if edges are as steep as in the images.
    """

    def energy(values: np.ndarray) -> float:
        planes = np.asarray(values, np.float32).reshape(-1, *shape)
        return sum((np.diff(planes, axis=axis) ** 2).sum(dtype=np.float64) for axis in (1, 2))

    return float(energy(np.clip(reconstructions, 0, 1)) / energy(images))


def by_digit(values: ArrayLike, labels: np.ndarray, classes: int) -> np.ndarray:
    """Return the mean of a value over the images of each class.

    Parameters
    ----------
    values : array-like, shape (n,)
        The value of each image.
    labels : np.ndarray, shape (n,)
        The number of each image's class.
    classes : int
        The number of classes.

    Returns
    -------
    np.ndarray, shape (classes,)
        float64; NaN for a class without images.
    """
    counts = np.bincount(labels, minlength=classes)
    sums = np.bincount(labels, weights=np.asarray(values, np.float64), minlength=classes)
    with np.errstate(invalid="ignore"):
        return sums / counts


def psnr(images: np.ndarray, reconstructions: np.ndarray) -> float:
    """Return the peak signal-to-noise ratio in dB, averaged over the images.

    The peak is 1, so that the ratio of an image is 10 log10(1 / MSE). An MSE below 1e-12 counts as 1e-12, or 120 dB.
    """
    return psnr_of(mse_per_image(images, reconstructions))


def psnr_of(errors: np.ndarray) -> float:
    """Return the `psnr`, given the mean squared error per pixel of each image (n,)."""
    return float(-10 * np.log10(np.maximum(errors, 1e-12)).mean())


def ssim(images: np.ndarray, reconstructions: np.ndarray, shape: tuple[int, int], batch_size: int = 1000) -> float:
    """Return the structural similarity, averaged over windows and images. It is 1 for equal images.

    Windows are 11 x 11 pixels (or the largest odd number that fits, in smaller images) and lie completely inside the
    image. They are weighted with a Gaussian of standard deviation 1.5; K1 = 0.01, K2 = 0.03, and the range of the
    pixels is 1.

    scikit-image has the measure too. It would be one more dependency of every evaluation, for this function alone.

    Parameters
    ----------
    images : np.ndarray, shape (n, pixels)
        Images in [0, 1].
    reconstructions : np.ndarray, shape (n, pixels)
        Reconstructions.
    shape : (int, int)
        Rows and columns of an image.
    batch_size : int
        Number of images that are processed at once.

    References
    ----------
    Wang, Bovik, Sheikh and Simoncelli (2004), Image quality assessment: from error visibility to structural similarity.
    """
    size = min(11, *(side - 1 + side % 2 for side in shape))
    offsets = np.arange(size) - size // 2
    weights = np.exp(-(offsets**2) / (2 * 1.5**2))
    weights /= weights.sum()
    down, across = (_averaging(side, weights) for side in shape)
    constant_1, constant_2 = 0.01**2, 0.03**2
    total = 0.0
    for start in range(0, len(images), batch_size):
        x, y = (
            np.asarray(a[start : start + batch_size], np.float64).reshape(-1, *shape) for a in (images, reconstructions)
        )
        mean_x, mean_y, xx, yy, xy = (down @ a @ across.T for a in (x, y, x * x, y * y, x * y))
        luminance = (2 * mean_x * mean_y + constant_1) / (mean_x**2 + mean_y**2 + constant_1)
        structure = (2 * (xy - mean_x * mean_y) + constant_2) / (xx - mean_x**2 + yy - mean_y**2 + constant_2)
        total += float((luminance * structure).mean(axis=(1, 2)).sum())
    return total / len(images)


def _averaging(side: int, weights: np.ndarray) -> np.ndarray:
    """Return the matrix (windows, side) that computes the weighted average of each window in a row of pixels."""
    windows = side - len(weights) + 1
    averaging = np.zeros((windows, side))
    for row in range(windows):
        averaging[row, row : row + len(weights)] = weights
    return averaging

"""Measures of reconstructions, in NumPy. Images are (n, pixels) with pixels in [0, 1]."""

from functools import wraps

import numpy as np


def a_few_at_a_time(measure, few=250):
    """A measure of each image (n, pixels) without arrays of all images between two steps: no cache holds them."""

    @wraps(measure)
    def of_all(*arrays, **options):
        starts = range(0, max(len(arrays[0]), 1), few)
        return np.concatenate([measure(*(array[s : s + few] for array in arrays), **options) for s in starts])

    return of_all


def mse(images, reconstructions):
    """Mean squared error per pixel, over pixels and images, summed in float64."""
    return float(mse_per_image(images, reconstructions).mean())


@a_few_at_a_time
def mse_per_image(images, reconstructions):
    """Mean squared error per pixel of each image, float64 (n,)."""
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
def cross_entropy_per_image(images, reconstructions, epsilon=1e-7):
    """Cross-entropy of grey pixels, summed over the pixels of each image, in nats, float64 (n,).

    The floor for given images is `cross_entropy_per_image(images, images)`.
    """
    x = np.asarray(images, np.float64)
    p = np.clip(np.asarray(reconstructions, np.float64), epsilon, 1 - epsilon)
    return -(x * np.log(p) + (1 - x) * np.log1p(-p)).sum(axis=1)


@a_few_at_a_time
def cross_entropy_of_logits_per_image(images, logits):
    """`cross_entropy_per_image` of sigmoid(logits), without rounding at 0 and 1, float64 (n,)."""
    x, z = np.asarray(images, np.float64), np.asarray(logits, np.float64)
    return (np.maximum(z, 0) - z * x + np.log1p(np.exp(-np.abs(z)))).sum(axis=1)


def kl_per_dimension(mean, log_sigma):
    """KL(N(mean, sigma^2) || N(0, 1)) of each dimension (n, k), in nats (Kingma and Welling 2014, appendix B)."""
    return -0.5 * (1 + 2 * log_sigma - np.square(mean) - np.exp(2 * log_sigma))


def dead_outputs(values, tolerance=0.0):
    """How many columns of `values` (n, k) are at most `tolerance` for every row: pixels or units that are off."""
    return int((np.asarray(values) <= tolerance).all(axis=0).sum())


def constant_outputs(values, tolerance=1e-6):
    """How many columns of `values` (n, k) hold the same value in every row."""
    return int((np.ptp(np.asarray(values), axis=0) <= tolerance).sum())


def sharpness(images, reconstructions, shape):
    """Squared differences between neighbouring pixels of the reconstructions, as a share of those of the images.

    Both (n, pixels) of images of `shape`, summed over all images; reconstructions are clipped to [0, 1]. 1: edges as
    steep as in the images.
    """

    def energy(values):
        planes = np.asarray(values, np.float32).reshape(-1, *shape)
        return sum((np.diff(planes, axis=axis) ** 2).sum(dtype=np.float64) for axis in (1, 2))

    return float(energy(np.clip(reconstructions, 0, 1)) / energy(images))


def by_digit(values, labels, classes):
    """Mean of `values` (n,) over the images of each class: float64 (classes,), NaN for one that is not there."""
    counts = np.bincount(labels, minlength=classes)
    sums = np.bincount(labels, weights=np.asarray(values, np.float64), minlength=classes)
    with np.errstate(invalid="ignore"):
        return sums / counts


def psnr(images, reconstructions):
    """Peak signal-to-noise ratio in dB for a peak of 1: 10 log10(1 / MSE) of each image, mean over the images.

    An image that is given back exactly counts as an MSE of 1e-12, 120 dB.
    """
    return psnr_of(mse_per_image(images, reconstructions))


def psnr_of(errors):
    """`psnr` from the MSE per pixel of each image (n,)."""
    return float(-10 * np.log10(np.maximum(errors, 1e-12)).mean())


def ssim(images, reconstructions, shape, batch_size=1000):
    """Structural similarity, mean over the windows of each image and over the images; 1 for equal images.

    As defined by Wang, Bovik, Sheikh and Simoncelli (2004): windows of 11 x 11 pixels, Gaussian of
    standard deviation 1.5, K1 = 0.01, K2 = 0.03, a range of 1, those windows only that lie wholly inside. Where an
    image has fewer than 11 rows or columns, the windows are as large as the largest odd number that fits.
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


def _averaging(side, weights):
    """The matrix (windows, side) that averages each window of a line of pixels."""
    windows = side - len(weights) + 1
    averaging = np.zeros((windows, side))
    for row in range(windows):
        averaging[row, row : row + len(weights)] = weights
    return averaging

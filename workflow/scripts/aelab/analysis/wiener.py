"""The Wiener filter of a degradation: the affine map back to clean images with the least expected squared error.

Its moments are expected values over the noise, in closed form, so that no noise is drawn and the filter belongs to the
degradation and not to one draw of it. The kinds of degradation are those of `aelab.data.degradation`.

References
----------
Wiener (1949), Extrapolation, interpolation, and smoothing of stationary time series.
"""

from dataclasses import dataclass

import numpy as np

from aelab.analysis.normal import cumulative
from aelab.data import degradation

GREY_LEVELS = 256
LEVELS = np.arange(GREY_LEVELS) / (GREY_LEVELS - 1)
BATCH = 1000  # images per matrix product

# Directions in which degraded images vary less than this share of the most are left out: there they do not vary at all.
LEAST_VARIANCE = 1e-10


@dataclass(frozen=True)
class Moments:
    """The first and second moments of clean images, over the images.

    Parameters
    ----------
    mean : np.ndarray, shape (pixels,)
        The mean image m.
    covariance : np.ndarray, shape (pixels, pixels)
        The covariance C.
    frequencies : np.ndarray, shape (pixels, 256)
        Which share of the images has which grey level at each pixel.
    """

    mean: np.ndarray
    covariance: np.ndarray
    frequencies: np.ndarray

    @property
    def squares(self) -> np.ndarray:
        """The mean square of each pixel (pixels,)."""
        return self.covariance.diagonal() + self.mean**2


def moments_of(images: np.ndarray) -> Moments:
    """Measure the moments of images (n, pixels), uint8."""
    pixels = images.shape[1]
    counts = np.zeros(pixels * GREY_LEVELS, np.int64)
    for start in range(0, len(images), BATCH):
        places = images[start : start + BATCH] + GREY_LEVELS * np.arange(pixels)
        counts += np.bincount(places.ravel(), minlength=len(counts))
    frequencies = counts.reshape(pixels, GREY_LEVELS) / len(images)
    return Moments(frequencies @ LEVELS, _covariance(images, frequencies, LEVELS, LEVELS), frequencies)


def filter_of(
    kind: str, amount: float, shape: tuple[int, int], clean: Moments, images: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Compute the Wiener filter of a degradation.

    Parameters
    ----------
    kind : str
        The kind of degradation.
    amount : float
        How much.
    shape : (int, int)
        Rows and columns of an image.
    clean : Moments
        The moments of the clean images.
    images : np.ndarray, shape (n, pixels)
        These images, uint8; used for `gaussian_clipped` alone, where the expected degraded pixel is no affine function
        of the clean one.

    Returns
    -------
    matrix : np.ndarray, shape (pixels, pixels)
        float64; an image is estimated as `degraded @ matrix + offset`.
    offset : np.ndarray, shape (pixels,)
        float64.

    Raises
    ------
    ValueError
        If there is no such kind.
    """
    if kind == "blur":
        mean, of_degraded, of_both = _blurred(amount, shape, clean)
    elif kind == "occlusion":
        mean, of_degraded, of_both = _occluded(amount, shape, clean)
    elif kind == "gaussian_clipped":
        mean, of_degraded, of_both = _clipped(amount, clean, images)
    else:
        mean, of_degraded, of_both = _pixel_by_pixel(kind, amount, clean)
    variances, directions = np.linalg.eigh(of_degraded)  # four times as fast as least squares
    kept = variances > LEAST_VARIANCE * variances[-1]
    directions = directions[:, kept]
    matrix = directions @ ((directions.T @ of_both) / variances[kept, None])
    return matrix, clean.mean - mean @ matrix


def _pixel_by_pixel(kind: str, amount: float, clean: Moments) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return E y, Cov(y) and Cov(y, x) of noise that is independent between pixels, with E(y | x) = a x + b."""
    if kind == "gaussian":
        scale, shift, squares = 1.0, 0.0, clean.squares + amount**2
    elif kind == "masking":
        scale, shift, squares = 1 - amount, 0.0, (1 - amount) * clean.squares
    elif kind == "salt_and_pepper":
        scale, shift, squares = 1 - amount, amount / 2, (1 - amount) * clean.squares + amount / 2
    else:
        raise ValueError(f"no degradation of kind {kind!r}")
    mean, of_degraded = scale * clean.mean + shift, scale**2 * clean.covariance
    np.fill_diagonal(of_degraded, squares - mean**2)
    return mean, of_degraded, scale * clean.covariance


def _clipped(amount: float, clean: Moments, images: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the same for Gaussian noise that is clipped to [0, 1], by the moments of a clipped normal variable."""
    expected, squares = clipped_normal(LEVELS, amount)
    mean = clean.frequencies @ expected
    of_degraded = _covariance(images, clean.frequencies, expected, expected)
    np.fill_diagonal(of_degraded, clean.frequencies @ squares - mean**2)
    return mean, of_degraded, _covariance(images, clean.frequencies, expected, LEVELS)


def clipped_normal(mean: np.ndarray, deviation: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the expected value and the expected square of a normal variable that is clipped to [0, 1].

    Parameters
    ----------
    mean : np.ndarray
        The means of the variable before it is clipped.
    deviation : float
        Its standard deviation.

    Returns
    -------
    np.ndarray, np.ndarray
        float64, of the shape of `mean`.
    """
    low, high = -mean / deviation, (1 - mean) / deviation
    inside, above = cumulative(high) - cumulative(low), cumulative(-high)
    at_low, at_high = (np.exp(-(bound**2) / 2) / np.sqrt(2 * np.pi) for bound in (low, high))
    expected = mean * inside + deviation * (at_low - at_high) + above
    squares = (mean**2 + deviation**2) * inside + 2 * mean * deviation * (at_low - at_high)
    return expected, squares + deviation**2 * (low * at_low - high * at_high) + above


def _blurred(amount: float, shape: tuple[int, int], clean: Moments) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the same for a blur. The error of rounding to grey levels counts as independent and uniform."""
    down, across = degradation.blurring(shape, amount)
    pixels = len(clean.mean)

    def blurred(rows: np.ndarray) -> np.ndarray:
        return (down @ rows.reshape(-1, *shape) @ across.T).reshape(-1, pixels)

    of_both = blurred(clean.covariance).T
    rounding = np.eye(pixels) / (12 * degradation.LEVELS**2)
    return blurred(clean.mean)[0], blurred(of_both) + rounding, of_both


def _occluded(amount: float, shape: tuple[int, int], clean: Moments) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the same for a rectangle of grey `degradation.COVER`, at every place within the image equally often."""
    covered, both_covered = np.ones(1), np.ones((1, 1))
    for side, size in zip(shape, degradation.sides_of_cover(shape, amount), strict=True):
        first = np.arange(side - size + 1)[:, None]
        within = ((np.arange(side) >= first) & (np.arange(side) < first + size)).astype(float)
        covered = np.kron(covered, within.mean(0))
        both_covered = np.kron(both_covered, within.T @ within / len(first))
    seen = 1 - covered
    both_seen = 1 - covered[:, None] - covered[None, :] + both_covered
    # Of y - COVER = s (x - COVER), where s says which pixels are seen.
    centred = clean.mean - degradation.COVER
    mean = seen * centred
    of_degraded = both_seen * (clean.covariance + np.outer(centred, centred)) - np.outer(mean, mean)
    return mean + degradation.COVER, of_degraded, seen[:, None] * clean.covariance


def _covariance(images: np.ndarray, frequencies: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the covariance over images of two functions of their grey levels.

    Parameters
    ----------
    images : np.ndarray, shape (n, pixels)
        Images, uint8.
    frequencies : np.ndarray, shape (pixels, 256)
        Those of `Moments`.
    first, second : np.ndarray, shape (256,)
        The values of both functions by grey level.

    Returns
    -------
    np.ndarray, shape (pixels, pixels)
        Of the first function (rows) with the second one. Products are float32, their sums float64.
    """
    functions = [(values.astype(np.float32), (frequencies @ values).astype(np.float32)) for values in (first, second)]
    total = 0.0
    for start in range(0, len(images), BATCH):
        rows = images[start : start + BATCH]
        one, other = (values[rows] - mean for values, mean in functions)
        total = total + (one.T @ other).astype(np.float64)
    return total / len(images)

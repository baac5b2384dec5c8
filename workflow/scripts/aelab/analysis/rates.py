"""What a code costs: rates in nats per image, and what can be known for a rate at best.

References
----------
Cover and Thomas (2006), Elements of information theory: Fano's inequality (2.10), and reverse water-filling for
Gaussian sources (10.3.3).
"""

from collections.abc import Iterable

import numpy as np


def covariance(images: np.ndarray, batch_size: int = 2000) -> tuple[np.ndarray, np.ndarray]:
    """Compute the mean image and the covariance of the pixels.

    Parameters
    ----------
    images : np.ndarray, shape (n, pixels)
        uint8.
    batch_size : int
        Number of images per matrix product.

    Returns
    -------
    mean : np.ndarray, shape (pixels,)
        float64, of pixels in [0, 1].
    covariance : np.ndarray, shape (pixels, pixels)
        float64. Sums are whole numbers, which float64 holds exactly, so that their order does not matter.
    """
    total, products = 0, 0
    for start in range(0, len(images), batch_size):
        part = np.asarray(images[start : start + batch_size], np.float64)
        total, products = total + part.sum(axis=0), products + part.T @ part
    mean = total / len(images)
    return mean / 255, (products / len(images) - np.outer(mean, mean)) / 255**2


def gaussian_curve(variances: np.ndarray, levels: Iterable[float]) -> tuple[np.ndarray, np.ndarray]:
    """Compute the rate-distortion function of a Gaussian source, which is an upper bound for every source like it.

    Of all sources with the same covariance, the Gaussian one costs most at every squared error.

    Parameters
    ----------
    variances : np.ndarray, shape (k,)
        The eigenvalues of the covariance.
    levels : iterable of float
        Levels of the water: the error that is left in each component of a larger variance.

    Returns
    -------
    rates, errors : np.ndarray, shape (levels,)
        Nats per image, and squared errors summed over components.
    """
    variances = np.maximum(np.asarray(variances, np.float64), 0)
    rates, errors = [], []
    for level in levels:
        rates.append(0.5 * np.log(np.maximum(variances / level, 1)).sum())
        errors.append(np.minimum(variances, level).sum())
    return np.array(rates), np.array(errors)


def rate_at(error: float, variances: np.ndarray, steps: int = 200) -> float:
    """Return the rate of `gaussian_curve` at a squared error; 0 if that is at least the sum of the variances.

    Parameters
    ----------
    error : float
        The squared error, summed over components, above 0.
    variances : np.ndarray, shape (k,)
        The eigenvalues of the covariance.
    steps : int
        How often the interval that holds the level is halved.
    """
    low, high = 0.0, float(np.max(variances))
    if error >= np.maximum(variances, 0).sum():
        return 0.0
    for _ in range(steps):
        middle = (low + high) / 2
        low, high = (middle, high) if gaussian_curve(variances, [middle])[1][0] < error else (low, middle)
    return float(gaussian_curve(variances, [high])[0][0])


def cost_of_symbols(counted: np.ndarray, coded: np.ndarray) -> float:
    """Return what an arithmetic coder takes for whole numbers whose frequencies it knows from others, in nats each.

    Parameters
    ----------
    counted : np.ndarray, shape (n,)
        The numbers from which frequencies are known. Every number from the least to the largest of them is counted once
        more, so that none of these is impossible.
    coded : np.ndarray, shape (m,)
        The numbers that are coded, none of them below the least or above the largest that was counted.

    Returns
    -------
    float
        The mean of the negative logarithms of their probabilities.
    """
    low, high = int(counted.min()), int(counted.max())
    frequencies = np.bincount((counted - low).astype(np.int64), minlength=high - low + 1) + 1
    costs = np.log(frequencies.sum()) - np.log(frequencies)
    occurring = np.bincount((coded - low).astype(np.int64), minlength=len(costs))
    return float((occurring * costs).sum() / len(coded))


def entropy(shares: np.ndarray) -> float:
    """Return the entropy of a distribution (k,), in nats."""
    shares = np.asarray(shares, np.float64)
    return float(0 - (shares * np.log(np.where(shares > 0, shares, 1))).sum())  # 0, not -0, if there is one alone


def best_accuracy(rate: float, shares: np.ndarray, steps: int = 100) -> float:
    """Return how often a class can be told at most from a code, by Fano's inequality.

    Parameters
    ----------
    rate : float
        An upper bound on what the code says about the image, in nats.
    shares : np.ndarray, shape (classes,)
        How frequent each class is, two classes at least.
    steps : int
        How often the interval that holds the accuracy is halved.

    Returns
    -------
    float
        The largest accuracy a for which the entropy of the class, given a guess that is right with probability a, can
        be as small as the entropy of the classes minus the rate: h(1 - a) + (1 - a) log(classes - 1).
    """
    left = entropy(shares) - rate
    if left <= 0:
        return 1.0
    classes = len(shares)
    low, high = 1 / classes, 1.0  # from here on, what can be left falls with the accuracy
    for _ in range(steps):
        middle = (low + high) / 2
        possible = entropy([middle, 1 - middle]) + (1 - middle) * np.log(classes - 1)
        low, high = (middle, high) if possible >= left else (low, middle)
    return high


def slopes(rates: np.ndarray, distortions: np.ndarray) -> np.ndarray:
    """Return what each nat of rate saves in distortion between neighbouring points (n,): an array (n - 1,).

    Between models that minimise distortion + beta * rate for two betas, it lies between these betas; NaN where the rate
    does not change.
    """
    change = -np.diff(rates)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(change != 0, np.diff(distortions) / change, np.nan)


def at_equal_sum(rates: np.ndarray, distortions: np.ndarray) -> tuple[float, float]:
    """Find two points of a curve with the same sum of rate and distortion on either side of the least sum.

    Parameters
    ----------
    rates, distortions : np.ndarray, shape (n,)
        Points along a curve.

    Returns
    -------
    float, float
        The rates of these points, as far apart as both sides allow; between points the curve is interpolated linearly.
        NaN if the least sum is at an end of the curve.
    """
    sums = rates + distortions
    best = int(np.argmin(sums))
    if best in (0, len(sums) - 1):
        return float("nan"), float("nan")
    level, found = min(sums[0], sums[-1]), []
    for side in (slice(None, best + 1), slice(best, None)):
        order = np.argsort(sums[side])
        found.append(float(np.interp(level, sums[side][order], rates[side][order])))
    return found[0], found[1]

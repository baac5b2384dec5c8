"""Parzen windows: the log-likelihood of images under Gaussians of one width around samples.

The estimate is of a density with the samples' own noise in it: with few samples in many dimensions it is far from that
of the model (Theis et al. 2016), which is why it is measured here beside others.

References
----------
Breuleux, Bengio and Vincent (2011), Quickly generating representative samples from an RBM-derived process.
Theis, van den Oord and Bethge (2016), A note on the evaluation of generative models.
"""

from collections.abc import Callable

import numpy as np

from aelab.analysis import distances

NARROWEST, WIDEST, EVALUATIONS = 0.02, 2.0, 14
GOLDEN = (5**0.5 - 1) / 2


def log_densities(images: np.ndarray, samples: np.ndarray, width: float) -> np.ndarray:
    """Return the log-density of each image under the mean of N(sample, width^2 I) over the samples.

    Parameters
    ----------
    images : np.ndarray, shape (n, d)
        Images, float32 with pixels in [0, 1].
    samples : np.ndarray, shape (m, d)
        Samples of a generator, of the same type.
    width : float
        Standard deviation of the Gaussians.

    Returns
    -------
    np.ndarray, shape (n,)
        Nats per image, float64.
    """
    found = np.empty(len(images))
    for rows, squared in distances.blocks(images, samples):
        found[rows] = from_distances(squared, width, images.shape[1])
    return found


def from_distances(squared: np.ndarray, width: float, dimensions: int) -> np.ndarray:
    """Return `log_densities` (n,), given the squared distances (n, m) of images from samples."""
    nearest = squared.min(axis=1, keepdims=True)
    powers = np.exp((nearest - squared) * squared.dtype.type(0.5 / width**2))
    total = np.log(powers.sum(axis=1, dtype=np.float64)) - 0.5 * nearest[:, 0].astype(np.float64) / width**2
    return total - np.log(squared.shape[1]) + limit(width, dimensions)


def limit(width: float, dimensions: int) -> float:
    """Return the largest log-density that a Parzen window of this width can give: that of all samples on the image."""
    return -0.5 * dimensions * float(np.log(2 * np.pi * width**2))


def best_width(images: np.ndarray, samples: np.ndarray) -> float:
    """Choose the width with the largest mean log-density of images that the estimate itself does not use.

    Parameters
    ----------
    images, samples : np.ndarray
        As in `log_densities`.

    Returns
    -------
    float
        Between `NARROWEST` and `WIDEST`, by a golden-section search in its logarithm: the mean log-density rises up to
        one width and falls beyond it. It is within a hundredth of the best one.
    """
    squared = distances.squared(images, samples)

    def mean(logarithm: float) -> float:
        return float(from_distances(squared, float(np.exp(logarithm)), images.shape[1]).mean())

    return float(np.exp(highest(mean, float(np.log(NARROWEST)), float(np.log(WIDEST)), EVALUATIONS)))


def highest(function: Callable[[float], float], low: float, high: float, evaluations: int) -> float:
    """Return where a function of one maximum is highest between two bounds, by a golden-section search.

    References
    ----------
    Kiefer (1953), Sequential minimax search for a maximum.
    """
    left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    of_left, of_right = function(left), function(right)
    for _ in range(evaluations - 2):
        if of_left > of_right:
            high, right, of_right = right, left, of_left
            left = high - GOLDEN * (high - low)
            of_left = function(left)
        else:
            low, left, of_left = left, right, of_right
            right = low + GOLDEN * (high - low)
            of_right = function(right)
    return left if of_left > of_right else right

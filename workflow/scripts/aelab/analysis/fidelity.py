"""Compare samples with real images in the features of a classifier, and by the classes that it reads.

Features are (n, d), float64. All measures compare two finite sets: between two draws of the same distribution they are
not perfect either, so that they say something only beside their value for real images that are as many.
"""

import numpy as np

from aelab.analysis import distances


def moments(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean (d,) and the covariance (d, d) of features."""
    values = np.asarray(features, np.float64)
    centred = values - values.mean(axis=0)
    return values.mean(axis=0), centred.T @ centred / (len(values) - 1)


def between_gaussians(mean: np.ndarray, covariance: np.ndarray, other: np.ndarray, others: np.ndarray) -> float:
    """Return the squared Fréchet distance between two Gaussians.

    |a - b|^2 + tr(A + B - 2 (A B)^(1/2)) for means a and b and covariances A and B. The matrices A B and
    A^(1/2) B A^(1/2) have the same eigenvalues, and the second one is symmetric.

    Parameters
    ----------
    mean, covariance : np.ndarray, shape (d,) and (d, d)
        The moments of one Gaussian, such as `moments` returns them.
    other, others : np.ndarray, shape (d,) and (d, d)
        Those of the other one.

    Returns
    -------
    float
        At least 0; 0 for equal moments.

    References
    ----------
    Dowson and Landau (1982), The Fréchet distance between multivariate normal distributions.
    Heusel et al. (2017), GANs trained by a two time-scale update rule converge to a local Nash equilibrium.
    """
    root = square_root(covariance)
    shared = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ others @ root), 0)).sum()
    return max(float(np.square(mean - other).sum() + np.trace(covariance) + np.trace(others) - 2 * shared), 0.0)


def square_root(covariance: np.ndarray) -> np.ndarray:
    """Return the symmetric square root of a covariance (d, d)."""
    values, vectors = np.linalg.eigh(covariance)
    return (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T


def radii(features: np.ndarray, neighbours: int) -> np.ndarray:
    """Return the squared distance (n,) from each feature to its `neighbours`-th nearest other one."""
    found = np.empty(len(features))
    for rows, squared in distances.blocks(features, features):
        own = np.arange(rows.start, rows.stop)
        squared[own - rows.start, own] = 0
        found[rows] = np.partition(squared, neighbours, axis=1)[:, neighbours]
    return found


def share_inside(features: np.ndarray, others: np.ndarray, reach: np.ndarray) -> float:
    """Return the share of features (n, d) that lie in one of the balls around others (m, d) of squared radii (m,)."""
    inside = np.empty(len(features), bool)
    for rows, squared in distances.blocks(features, others):
        inside[rows] = (squared <= reach[None]).any(axis=1)
    return float(inside.mean())


def precision_and_recall(
    features: np.ndarray, real: np.ndarray, neighbours: int = 3, reach: np.ndarray | None = None
) -> tuple[float, float]:
    """Return which share of samples is where real images are, and the other way round.

    A set is taken to reach from each of its points to the `neighbours`-th nearest other one.

    Parameters
    ----------
    features : np.ndarray, shape (n, d)
        Features of samples.
    real : np.ndarray, shape (m, d)
        Features of real images.
    neighbours : int
        How many neighbours of each point its ball holds.
    reach : np.ndarray, shape (m,), optional
        The `radii` of the real images, if they are known.

    Returns
    -------
    precision : float
        Share of the samples within the reach of the real images.
    recall : float
        Share of the real images within the reach of the samples.

    References
    ----------
    Kynkäänniemi et al. (2019), Improved precision and recall metric for assessing generative models.
    """
    reach = radii(real, neighbours) if reach is None else reach
    return share_inside(features, real, reach), share_inside(real, features, radii(features, neighbours))


def expected_total_variation(read_as: np.ndarray, samples: int, classes: int) -> float:
    """Return the total variation between the class shares of two draws of one distribution, as it is to be expected.

    Parameters
    ----------
    read_as : np.ndarray, shape (n,)
        Class numbers of the first draw, whose shares stand for those of the distribution.
    samples : int
        Images in the second draw.
    classes : int
        Number of classes.

    Returns
    -------
    float
        Half the sum of the mean absolute differences of the shares, each taken as normal.
    """
    shares = np.bincount(read_as, minlength=classes) / len(read_as)
    deviations = np.sqrt(shares * (1 - shares) * (1 / len(read_as) + 1 / samples))
    return float(deviations.sum() * np.sqrt(2 / np.pi) / 2)


def total_variation(read_as: np.ndarray, others: np.ndarray, classes: int) -> float:
    """Return the total variation distance between the class histograms of two sets: 0 if equal, 1 if disjoint.

    Parameters
    ----------
    read_as, others : np.ndarray
        The number of the class of each image.
    classes : int
        Number of classes.
    """
    shares = [np.bincount(each, minlength=classes) / len(each) for each in (read_as, others)]
    return float(np.abs(shares[0] - shares[1]).sum() / 2)

"""Mixtures of Gaussians and k-means, fitted in a fixed number of steps.

scikit-learn has both. It stops at a tolerance, so that the last bit of a sum may decide how many steps there are, and
its threads and its own random numbers would have to be held. A test compares the steps with its.
"""

from dataclasses import dataclass

import numpy as np

RIDGE = 1e-6  # added to variances, relative to the mean variance of the points


def assigned(points: np.ndarray, centres: np.ndarray, rows: int = 2000) -> np.ndarray:
    """Return the row of the centre (k, d) that is nearest to each point (n, d), int64 (n,)."""
    lengths = np.square(centres).sum(1)[None]
    parts = [
        (lengths - 2 * np.asarray(points[start : start + rows], centres.dtype) @ centres.T).argmin(1)
        for start in range(0, len(points), rows)
    ]
    return np.concatenate(parts)


def means_by(points: np.ndarray, groups: np.ndarray, former: np.ndarray) -> np.ndarray:
    """Return the mean of each group of points, and the former centre of a group without points.

    Parameters
    ----------
    points : np.ndarray, shape (n, d)
        Points; the sums of whole numbers are exact.
    groups : np.ndarray, shape (n,)
        The group of each point, from 0.
    former : np.ndarray, shape (k, d)
        The former centres.

    Returns
    -------
    np.ndarray, shape (k, d)
        In the type of the former centres.
    """
    order = np.argsort(groups, kind="stable")
    counts = np.bincount(groups, minlength=len(former))
    centres = former.copy()
    start = 0
    for group, count in enumerate(counts):
        if count:
            own = points[np.sort(order[start : start + count])]
            centres[group] = (own.sum(axis=0, dtype=np.float64) / count).astype(former.dtype)
        start += count
    return centres


def k_means(points: np.ndarray, centres: np.ndarray, steps: int) -> np.ndarray:
    """Move centres to the means of the points that are nearest to them.

    Parameters
    ----------
    points : np.ndarray, shape (n, d)
        The points.
    centres : np.ndarray, shape (k, d)
        Where to start, float32 or float64.
    steps : int
        How often.

    Returns
    -------
    np.ndarray, shape (k, d)
        The centres after the last step.

    References
    ----------
    Lloyd (1982), Least squares quantization in PCM.
    """
    for _ in range(steps):
        centres = means_by(points, assigned(points, centres), centres)
    return centres


@dataclass(frozen=True)
class Mixture:
    """A mixture of Gaussians.

    Attributes
    ----------
    weights : np.ndarray, shape (k,)
        The share of each component.
    means : np.ndarray, shape (k, d)
        Their means.
    covariances : np.ndarray, shape (k, d, d)
        Their covariances.
    """

    weights: np.ndarray
    means: np.ndarray
    covariances: np.ndarray

    def log_densities(self, points: np.ndarray) -> np.ndarray:
        """Return the logarithm of weight times density of each component at points (n, d), float64 (n, k)."""
        found = np.empty((len(points), len(self.weights)))
        for n, (weight, mean, covariance) in enumerate(zip(self.weights, self.means, self.covariances, strict=True)):
            root = np.linalg.cholesky(covariance)
            standard = (points - mean) @ np.linalg.inv(root).T
            constant = np.log(weight) - np.log(np.diag(root)).sum() - 0.5 * len(mean) * np.log(2 * np.pi)
            found[:, n] = constant - 0.5 * np.square(standard).sum(axis=1)
        return found

    def draw(self, number: int, generator: "np.random.Generator") -> np.ndarray:
        """Return draws (number, d), float64."""
        components = generator.choice(len(self.weights), number, p=self.weights)
        noise = generator.standard_normal((number, self.means.shape[1]))
        roots = np.linalg.cholesky(self.covariances)
        drawn = np.empty_like(noise)
        for n in range(len(self.weights)):
            own = components == n
            drawn[own] = self.means[n] + noise[own] @ roots[n].T
        return drawn


def of_shares(points: np.ndarray, shares: np.ndarray, ridge: float) -> Mixture:
    """Return the mixture of which each component has its share of the points.

    Parameters
    ----------
    points : np.ndarray, shape (n, d)
        The points, float64.
    shares : np.ndarray, shape (n, k)
        How much of each point belongs to each component; rows sum to 1.
    ridge : float
        What is added to variances.
    """
    counts = shares.sum(axis=0) + 10 * np.finfo(np.float64).eps
    means = shares.T @ points / counts[:, None]
    covariances = np.empty((shares.shape[1], points.shape[1], points.shape[1]))
    for n, count in enumerate(counts):
        centred = points - means[n]
        covariances[n] = (shares[:, n, None] * centred).T @ centred / count
        covariances[n].flat[:: points.shape[1] + 1] += ridge
    return Mixture(counts / counts.sum(), means, covariances)


def step(mixture: Mixture, points: np.ndarray, ridge: float) -> Mixture:
    """Take one step of expectation and maximisation (Dempster, Laird and Rubin 1977); arguments as above."""
    logs = mixture.log_densities(points)
    shares = np.exp(logs - logs.max(axis=1, keepdims=True))
    return of_shares(points, shares / shares.sum(axis=1, keepdims=True), ridge)


def fit(points: np.ndarray, components: int, steps: int, generator: "np.random.Generator") -> Mixture:
    """Fit a mixture of Gaussians with full covariances.

    Parameters
    ----------
    points : np.ndarray, shape (n, d)
        At least as many points as components.
    components : int
        Number of components; with 1, the mean and the covariance of the points.
    steps : int
        Number of steps of k-means before, and of expectation and maximisation.
    generator : np.random.Generator
        Draws the points at which k-means starts.

    Returns
    -------
    Mixture
    """
    points = np.asarray(points, np.float64)
    ridge = RIDGE * max(float(points.var(axis=0).mean()), np.finfo(np.float64).tiny)
    starts = points[np.sort(generator.choice(len(points), components, replace=False))]
    groups = assigned(points, k_means(points, starts, steps))
    mixture = of_shares(points, np.eye(components)[groups], ridge)
    for _ in range(steps if components > 1 else 0):
        mixture = step(mixture, points, ridge)
    return mixture

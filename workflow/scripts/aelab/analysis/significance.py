"""Whether shares differ by more than chance, and how two rankings go together. SciPy computes the tests."""

import numpy as np
from scipy import stats

LEVEL = 0.05


def holm(probabilities: np.ndarray) -> np.ndarray:
    """Adjust the p-values of several tests so that all together err no more often than one.

    Parameters
    ----------
    probabilities : np.ndarray
        p-values (m,).

    Returns
    -------
    np.ndarray
        Adjusted p-values (m,), at most 1. Rejecting those below a level keeps the probability of any false rejection
        below that level.

    References
    ----------
    S. Holm (1979), A simple sequentially rejective multiple test procedure.
    """
    probabilities = np.asarray(probabilities, np.float64)
    order = np.argsort(probabilities)
    factors = np.arange(len(probabilities), 0, -1)
    adjusted = np.empty(len(probabilities))
    adjusted[order] = np.minimum(np.maximum.accumulate(factors * probabilities[order]), 1)
    return adjusted


def against_the_others(right: np.ndarray, labels: np.ndarray, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Test for each class whether its images are right more or less often than those of the other classes.

    Parameters
    ----------
    right : np.ndarray
        Whether each image is right, booleans (n,).
    labels : np.ndarray
        Class numbers (n,).
    classes : int
        Number of classes.

    Returns
    -------
    probabilities : np.ndarray
        p-values (classes,) of Fisher's exact test, adjusted by Holm's method for the number of classes.
    sides : np.ndarray
        1 for a class that is right more often, -1 for one that is less often, 0 where the p-value is not below `LEVEL`;
        int (classes,).
    """
    probabilities, sides = np.ones(classes), np.zeros(classes, int)
    for number in range(classes):
        own, others = right[labels == number], right[labels != number]
        if len(own) and len(others):
            counts = [[own.sum(), (~own).sum()], [others.sum(), (~others).sum()]]
            probabilities[number] = stats.fisher_exact(counts).pvalue
            sides[number] = np.sign(own.mean() - others.mean())
    probabilities = holm(probabilities)
    return probabilities, np.where(probabilities < LEVEL, sides, 0)


def above_chance(right: np.ndarray, labels: np.ndarray, chances: np.ndarray) -> np.ndarray:
    """Test for each class whether its images are right more often than a random answer.

    Parameters
    ----------
    right : np.ndarray
        Whether each image is right, booleans (n,).
    labels : np.ndarray
        Class numbers (n,).
    chances : np.ndarray
        Probability (classes,) that a random answer is this class.

    Returns
    -------
    np.ndarray
        p-values (classes,) of the one-sided binomial test, adjusted by Holm's method; 1 for a class without images.
    """
    tests = np.ones(len(chances))
    for number, chance in enumerate(chances):
        own = right[labels == number]
        if len(own):
            tests[number] = stats.binomtest(int(own.sum()), len(own), float(chance), alternative="greater").pvalue
    return holm(tests)


def all_alike(right: np.ndarray, labels: np.ndarray) -> float:
    """Return the p-value of the chi-square test that images of all classes are right equally often; 1 if all are."""
    counts = np.array([[(right & (labels == n)).sum(), (~right & (labels == n)).sum()] for n in np.unique(labels)])
    return 1.0 if (counts.sum(0) == 0).any() else float(stats.chi2_contingency(counts).pvalue)


def rank_correlation(first: np.ndarray, second: np.ndarray) -> float:
    """Return Spearman's rank correlation of two lists of numbers; NaN where one is constant or shorter than three."""
    first, second = np.asarray(first, np.float64), np.asarray(second, np.float64)
    known = np.isfinite(first) & np.isfinite(second)
    first, second = first[known], second[known]
    if len(first) < 3 or np.ptp(first) == 0 or np.ptp(second) == 0:
        return float("nan")
    return float(stats.spearmanr(first, second).statistic)

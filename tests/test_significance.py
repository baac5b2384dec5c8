"""Tests of shares against sums of binomial coefficients and textbook formulae, and likeness against plain loops."""

from math import comb

import numpy as np
import pytest
from scipy.special import gammaincc

from aelab.analysis import likeness, significance


def test_holm_multiplies_by_the_tests_that_are_left():
    """The example of a step-down: .01 * 4, .013 * 3 but not below the one before, .03 * 2, .4 * 1."""
    assert significance.holm([0.4, 0.01, 0.03, 0.013]) == pytest.approx([0.4, 0.04, 0.06, 0.04])
    assert significance.holm([0.9, 0.8]).max() == 1


def fisher(table):
    """The two-sided p-value: of all tables with these margins, the probability of those at most as probable."""
    (a, b), (c, d) = table
    rows, column, total = a + b, a + c, a + b + c + d
    ways = {k: comb(column, k) * comb(total - column, rows - k) for k in range(max(0, rows + column - total), rows + 1)}
    return sum(way for way in ways.values() if way <= ways[a]) / sum(ways.values())


def test_a_class_is_tested_against_all_others():
    labels = np.array([0] * 20 + [1] * 30 + [2] * 25)
    right = np.array([True] * 18 + [False] * 2 + [True] * 9 + [False] * 21 + [True] * 11 + [False] * 14)
    found, sides = significance.against_the_others(right, labels, 3)
    plain = [fisher([[18, 2], [20, 35]]), fisher([[9, 21], [29, 16]]), fisher([[11, 14], [27, 23]])]
    order = np.argsort(plain)
    expected = np.empty(3)
    expected[order] = np.maximum.accumulate(np.sort(plain) * [3, 2, 1])
    assert found == pytest.approx(expected)
    assert list(sides) == [1, -1, 0] and expected[2] > 0.05 > expected[1]


def test_classes_that_are_alike_do_not_stand_out():
    labels = np.arange(3000) % 10
    right = np.arange(3000) % 20 < 10
    probabilities, sides = significance.against_the_others(right, labels, 10)
    assert not sides.any() and (probabilities == 1).all()
    assert significance.all_alike(right, labels) == pytest.approx(1)


def test_chance_is_exceeded_by_the_binomial_tail():
    labels, right = np.array([0] * 10 + [1] * 12), np.array([True] * 4 + [False] * 6 + [True] * 2 + [False] * 10)
    tails = [
        sum(comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(count, n + 1))
        for n, count, p in ((10, 4, 0.1), (12, 2, 0.3))
    ]
    assert tails[0] < tails[1]
    found = significance.above_chance(right, labels, np.array([0.1, 0.3, 0.6]))
    assert found == pytest.approx([3 * tails[0], min(2 * tails[1], 1), 1])


def test_all_alike_is_the_chi_square_test():
    labels = np.array([0] * 40 + [1] * 60 + [2] * 50)
    right = np.concatenate([np.arange(40) < 30, np.arange(60) < 30, np.arange(50) < 20])
    counts = np.array([[30, 10], [30, 30], [20, 30]])
    expected = counts.sum(1, keepdims=True) * counts.sum(0) / counts.sum()
    statistic = (np.square(counts - expected) / expected).sum()
    assert significance.all_alike(right, labels) == pytest.approx(gammaincc(1, statistic / 2))  # 2 degrees of freedom
    assert significance.all_alike(np.ones(150, bool), labels) == 1


def test_rank_correlation_without_ties():
    first, second = np.array([0.1, 5, 3, 9, 2]), np.array([2, 4, 9, 16, 1])
    differences = np.array([1, 4, 3, 5, 2]) - np.array([2, 3, 4, 5, 1])
    expected = 1 - 6 * np.square(differences).sum() / (5 * 24)
    assert significance.rank_correlation(first, second) == pytest.approx(expected)
    assert significance.rank_correlation(first, first**3) == pytest.approx(1)
    assert np.isnan(significance.rank_correlation(first, np.ones(5)))
    assert np.isnan(significance.rank_correlation([1, 2], [2, 1]))


def test_likeness_of_classes():
    draw = np.random.default_rng(1)
    images, labels = draw.random((30, 7)).astype(np.float32), np.arange(30) % 3
    centres = [
        np.mean([image for image, label in zip(images, labels, strict=True) if label == n], axis=0) for n in range(3)
    ]
    distances = likeness.distances(images, labels, 4)
    assert distances[0, 2] == pytest.approx(np.sqrt(sum((centres[0] - centres[2]) ** 2)), rel=1e-5)
    assert np.isnan(distances[3]).all() and distances[1, 1] == 0
    own = [np.mean((image - centres[1]) ** 2) for image, label in zip(images, labels, strict=True) if label == 1]
    assert likeness.spreads(images, labels, 4)[1] == pytest.approx(np.mean(own), rel=1e-5)


def test_overlap_is_ranked_by_distance():
    """Three classes on a line; the two that are nearest to each other overlap most."""
    places = np.array([0.0, 1.0, 5.0])
    distances = np.abs(places[:, None] - places)
    confusion = np.array([[0.6, 0.4, 0.0], [0.3, 0.6, 0.1], [0.05, 0.05, 0.9]])
    found = likeness.of_overlap(confusion, distances, np.array([3.0, 2.0, 1.0]))
    assert found["overlap_rank"] == 1 and found["pairs"] == 3
    assert found["overlap_by_distance"] == pytest.approx(-1)

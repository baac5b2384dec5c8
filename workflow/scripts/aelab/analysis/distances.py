"""Squared Euclidean distances between many points, block by block, so that memory stays small."""

from collections.abc import Iterator

import numpy as np


def squared(points: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the squared distances (n, m) between points (n, d) and others (m, d), in the type of the points.

    They are sums of squared lengths and of a matrix product; rounding below zero is undone.
    """
    others = np.asarray(others, points.dtype)
    found = points @ others.T
    found *= -2
    found += np.square(points).sum(1)[:, None]
    found += np.square(others).sum(1)[None]
    return np.maximum(found, 0, out=found)


def blocks(points: np.ndarray, others: np.ndarray, rows: int = 500) -> Iterator[tuple[slice, np.ndarray]]:
    """Yield the rows of some points and their squared distances to all others, `rows` points at a time."""
    for start in range(0, len(points), rows):
        part = slice(start, min(start + rows, len(points)))
        yield part, squared(points[part], others)

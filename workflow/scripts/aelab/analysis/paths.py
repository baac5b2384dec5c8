"""Paths between codes.

Both functions take the codes (n, k) at the two ends and the positions (s,) along the path, from 0 for the first code to
1 for the last. They return float64 points (n, s, k).
"""

import numpy as np
from numpy.typing import ArrayLike


def linear(first: ArrayLike, last: ArrayLike, shares: ArrayLike) -> np.ndarray:
    """Return points (n, s, k) on the straight lines between codes."""
    first, last, t = _prepared(first, last, shares)
    return (1 - t) * first + t * last


def spherical(first: ArrayLike, last: ArrayLike, shares: ArrayLike) -> np.ndarray:
    """Return points (n, s, k) on the arcs between codes, at constant angular velocity.

    Codes of the same length keep that length on the way, whereas a straight line passes closer to the origin than most
    samples of a normal prior are. Parallel codes are connected by a straight line.

    References
    ----------
    Shoemake (1985), Animating rotation with quaternion curves.
    White (2016), Sampling generative networks.
    """
    first, last, t = _prepared(first, last, shares)
    lengths = np.linalg.norm(first, axis=-1, keepdims=True) * np.linalg.norm(last, axis=-1, keepdims=True)
    cosine = (first * last).sum(-1, keepdims=True) / np.maximum(lengths, 1e-300)
    angle = np.arccos(np.clip(cosine, -1, 1))
    sine = np.sin(angle)
    parallel = sine < 1e-6
    safe = np.where(parallel, 1, sine)
    arc = np.sin((1 - t) * angle) / safe * first + np.sin(t * angle) / safe * last
    return np.where(parallel, (1 - t) * first + t * last, arc)


BY_NAME = {"linear": linear, "spherical": spherical}


def _prepared(first: ArrayLike, last: ArrayLike, shares: ArrayLike) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the arguments as float64 arrays of shapes (n, 1, k), (n, 1, k) and (1, s, 1)."""
    first, last = np.asarray(first, np.float64)[:, None], np.asarray(last, np.float64)[:, None]
    return first, last, np.asarray(shares, np.float64)[None, :, None]

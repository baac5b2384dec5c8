"""Paths between codes, in NumPy. Codes are (n, k); `shares` (s,) say how far along: 0 the first code, 1 the last."""

import numpy as np


def linear(first, last, shares):
    """Points (n, s, k) on the straight lines from `first` to `last`."""
    first, last, t = _prepared(first, last, shares)
    return (1 - t) * first + t * last


def spherical(first, last, shares):
    """Points (n, s, k) on the arcs from `first` to `last` (Shoemake 1985; White 2016).

    The angle turns evenly. Codes of one length keep that length, where a straight line would pass
    nearer to the origin than a normal prior puts its samples. Parallel codes give the straight line.
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


def _prepared(first, last, shares):
    first, last = np.asarray(first, np.float64)[:, None], np.asarray(last, np.float64)[:, None]
    return first, last, np.asarray(shares, np.float64)[None, :, None]

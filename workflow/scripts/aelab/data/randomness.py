"""Derive seeds from names, so that what one model draws does not depend on which other models there are."""

import hashlib

import numpy as np


def seed_of(*names: object) -> int:
    """Return an integer in [0, 2**31) that depends only on the names (or numbers) of what is drawn.

    It is computed with SHA-256, so that it is the same on every machine and in every version of Python.
    """
    text = "/".join(str(name) for name in names)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") >> 1


def generator(*names: object) -> np.random.Generator:
    """Return a random generator that is seeded by names, as in `seed_of`.

    NumPy's Philox generator gives the same bits on every machine.
    """
    return np.random.Generator(np.random.Philox(seed_of(*names)))

"""Seeds derived from names, so that what one model draws never depends on which others there are."""

import hashlib

import numpy as np


def seed_of(*names):
    """An integer in [0, 2**31) from the names of what is drawn, the same everywhere and always."""
    text = "/".join(str(name) for name in names)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") >> 1


def generator(*names):
    """NumPy's Philox generator, seeded by name. Philox gives the same bits on every machine."""
    return np.random.Generator(np.random.Philox(seed_of(*names)))

"""Binary images: each pixel is 1 with the probability that is its grey value.

Bounds on the likelihood of binary images are comparable only where the images are made binary in the same way.
`drawn` draws them from a random stream; `fixed` always makes the same binary image of the same image, whichever rows
stand beside it, since its thresholds are computed from what it shows.
"""

import numpy as np

from aelab.data import datasets
from aelab.data.randomness import generator

# How the bits of a 32-bit number are mixed: shifts and odd factors in turn, and a last shift. They are those of
# MurmurHash3's finaliser, in which every bit that goes in changes each bit that comes out with probability 1/2.
MIXING = ((16, 0x85EBCA6B), (13, 0xC2B2AE35))
LAST = 16
# How many bits of a mixed number make a threshold: float32 holds as many exactly.
BITS = 24


def constants(pixels: int) -> tuple[np.ndarray, np.ndarray]:
    """Return odd weights, which number an image by its pixels, and the mark of each pixel: uint32 (pixels,) each."""
    draw = generator("fixed binarisation", pixels)
    weights, marks = draw.integers(0, 2**32, (2, pixels), dtype=np.uint32)
    return weights | np.uint32(1), marks


def thresholds(images: np.ndarray) -> np.ndarray:
    """Compute numbers in [0, 1) that look random but depend on the image alone.

    Parameters
    ----------
    images : np.ndarray, shape (n, pixels)
        uint8.

    Returns
    -------
    np.ndarray, shape (n, pixels)
        float32.
    """
    weights, marks = constants(images.shape[1])
    mixed = (np.asarray(images, np.uint32) * weights).sum(axis=1, dtype=np.uint32)[:, None] ^ marks
    for shift, factor in MIXING:
        mixed ^= mixed >> np.uint32(shift)
        mixed *= np.uint32(factor)
    mixed ^= mixed >> np.uint32(LAST)
    return (mixed >> np.uint32(32 - BITS)).astype(np.float32) * np.float32(2.0**-BITS)


def fixed(images: np.ndarray) -> np.ndarray:
    """Return the binary images (n, pixels), float32, that images (n, pixels), uint8, always become."""
    return (thresholds(images) < datasets.unit(images)).astype(np.float32)


def drawn(images: np.ndarray, *names: object) -> np.ndarray:
    """Return binary images (n, pixels), float32, of images (n, pixels), uint8, drawn from the stream of some names."""
    draw = generator("drawn binarisation", *names)
    return (draw.random(images.shape, dtype=np.float32) < datasets.unit(images)).astype(np.float32)

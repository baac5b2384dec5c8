"""Corruptions of images with pixels in [0, 1], drawn with NumPy."""

import numpy as np


def corrupt(images, settings, generator):
    """Corrupted copies of `images`, float32 of the same shape (n, pixels).

    gaussian: x + N(0, amount). masking: each pixel is 0 with probability amount. salt_and_pepper:
    each pixel is 0 or 1, half and half, with probability amount. Clipped to [0, 1] where asked.
    """
    kind, amount = settings["kind"], np.float32(settings["amount"])
    if kind == "gaussian":
        corrupted = images + amount * generator.standard_normal(images.shape, dtype=np.float32)
    else:
        draw = generator.random(images.shape, dtype=np.float32)
        if kind == "masking":
            corrupted = np.where(draw < amount, np.float32(0), images)
        elif kind == "salt_and_pepper":
            corrupted = np.where(draw < amount / 2, np.float32(0), np.where(draw < amount, np.float32(1), images))
        else:
            raise ValueError(f"no corruption of kind {kind!r}")
    return np.clip(corrupted, 0, 1) if settings["clip"] else corrupted.astype(np.float32, copy=False)

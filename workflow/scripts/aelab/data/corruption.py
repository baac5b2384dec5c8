"""Corrupt images whose pixels are in [0, 1], with NumPy."""

from typing import Any

import numpy as np


def corrupt(images: np.ndarray, settings: dict[str, Any], generator: "np.random.Generator") -> np.ndarray:
    """Return corrupted copies of images.

    Parameters
    ----------
    images : np.ndarray, shape (n, pixels)
        Images as float32 in [0, 1], or codes.
    settings : dict
        `kind`; `amount`, a number; and `clip`, whether to clip the result to [0, 1]. The kinds are

        - `gaussian`: normal noise of standard deviation `amount` is added;
        - `masking`: each pixel becomes 0 with probability `amount`;
        - `salt_and_pepper`: each pixel becomes 0 or 1, with probability `amount` / 2 each.
    generator : np.random.Generator
        What the noise is drawn from.

    Returns
    -------
    np.ndarray
        float32 of the same shape.

    Raises
    ------
    ValueError
        If there is no such kind.
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

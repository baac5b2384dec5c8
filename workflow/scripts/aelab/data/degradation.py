"""Degrade images in the ways, and by the amounts, that models are tested with: noise, blur and occlusion.

The noise of one draw grows with the amount and is otherwise the same: from one amount to the next only the amount
changes. Images are flat (n, pixels), float32 in [0, 1].
"""

from collections.abc import Iterable, Mapping

import numpy as np

from aelab.data import corruption
from aelab.data.randomness import generator as named_generator

# The kinds and what their amount is. The first four are those of `aelab.data.corruption`.
AMOUNTS = {
    "gaussian": "standard deviation",
    "gaussian_clipped": "standard deviation",
    "masking": "share of pixels set to 0",
    "salt_and_pepper": "share of pixels set to 0 or 1",
    "blur": "standard deviation in image heights",
    "occlusion": "share of the image covered",
}

# The grey value of the square that covers a part of an image, as in Zeiler and Fergus (2014).
COVER = 0.5

# Blurred images are stored with as many grey levels as the original ones. Without rounding a blur loses nothing.
LEVELS = 255


def degraded(
    images: np.ndarray, shape: tuple[int, int], kind: str, amount: float, generator: "np.random.Generator"
) -> np.ndarray:
    """Return degraded copies of images.

    Parameters
    ----------
    images : np.ndarray, shape (n, pixels)
        Images as float32 in [0, 1].
    shape : (int, int)
        Rows and columns of an image.
    kind : str
        One of `AMOUNTS`.
    amount : float
        How much, in the unit that `AMOUNTS` names.
    generator : np.random.Generator
        What the noise is drawn from. A blur draws nothing.

    Returns
    -------
    np.ndarray
        float32 of the same shape. Values beyond [0, 1] occur with `gaussian` alone.

    Raises
    ------
    ValueError
        If there is no such kind.
    """
    if kind == "blur":
        down, across = blurring(shape, amount)
        planes = np.asarray(images, np.float64).reshape(-1, *shape)
        levels = np.round((down @ planes @ across.T) * LEVELS)
        return (levels / LEVELS).astype(np.float32).reshape(images.shape)
    if kind == "occlusion":
        covered = np.ones((len(images), *shape), bool)
        draws, sizes = generator.random((len(images), 2)), sides_of_cover(shape, amount)
        for axis, (side, size) in enumerate(zip(shape, sizes, strict=True)):
            first = (draws[:, axis, None] * (side - size + 1)).astype(int)
            within = (np.arange(side) >= first) & (np.arange(side) < first + size)
            covered &= np.expand_dims(within, 2 - axis)
        return np.where(covered.reshape(images.shape), np.float32(COVER), images)
    if kind in ("gaussian", "gaussian_clipped"):
        settings = {"kind": "gaussian", "amount": amount, "clip": kind == "gaussian_clipped"}
    else:
        settings = {"kind": kind, "amount": amount, "clip": False}
    return corruption.corrupt(images, settings, generator)


def blurring(shape: tuple[int, int], amount: float) -> list[np.ndarray]:
    """Return the matrices that blur the columns and the rows of an image with a Gaussian.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns of an image.
    amount : float
        The standard deviation of the Gaussian in heights of the image.

    Returns
    -------
    list of np.ndarray
        Two float64 matrices (rows, rows) and (columns, columns): an image (rows, columns) becomes `down @ image @
        across.T`. Beyond its borders an image is taken to be 0.
    """
    matrices = []
    for side in shape:
        offsets = np.arange(-4 * max(shape), 4 * max(shape) + 1)
        weights = np.exp(-((offsets / (amount * shape[0])) ** 2) / 2)
        places = np.arange(side)
        middle = len(offsets) // 2
        matrices.append((weights / weights.sum())[middle + places[:, None] - places[None, :]])
    return matrices


def sides_of_cover(shape: tuple[int, int], amount: float) -> tuple[int, int]:
    """Return the height and the width in pixels of the rectangle that covers a share of an image's area."""
    rows, columns = (min(side, max(1, round(side * amount**0.5))) for side in shape)
    return rows, columns


def listed(amounts: Mapping[str, Iterable[float]]) -> list[tuple[str, float]]:
    """Return every kind with each of its amounts, kinds in the order of `AMOUNTS`, from their amounts by kind."""
    return [(kind, amount) for kind in AMOUNTS if kind in amounts for amount in amounts[kind]]


def label(amount: float) -> str:
    """Return an amount as part of a name: `at_0_05` for 0.05."""
    return f"at_{amount:g}".replace(".", "_")


def drawn(images: np.ndarray, shape: tuple[int, int], kind: str, amount: float, draw: int) -> np.ndarray:
    """Return the degraded images of one draw, in which an image does not depend on how many follow it.

    Parameters
    ----------
    images, shape, kind, amount
        As in `degraded`.
    draw : int
        The number of the draw. The amounts of a kind share it.

    Returns
    -------
    np.ndarray
        float32 (n, pixels).
    """
    return degraded(images, shape, kind, amount, named_generator("degradation", kind, draw))

"""Split images into those that train, validate and test."""

from typing import Any

import numpy as np


def split(settings: dict[str, Any]) -> dict[str, np.ndarray]:
    """Compute the indices of a split.

    Parameters
    ----------
    settings : dict
        `kind`, `seed`, `train`, `validation` and possibly `test`, as in the configuration, and `images`, the number of
        training images in the data set. The kind `in_order` takes the images in their order, from the
        image `start` (default 0) on, and after the last one goes on with the first. The kind `permutation`
        shuffles them first with `numpy.random.RandomState(seed).permutation(images)`, which is what published code does
        that seeds NumPy and then permutes.

    Returns
    -------
    dict of str to np.ndarray
        int32 indices: `train` and `validation` into the training images, and `test` into the test images if the
        settings have this key.

    Raises
    ------
    ValueError
        If there are fewer images than the split takes.
    """
    order = np.roll(np.arange(settings["images"]), -settings.get("start", 0))
    if settings["kind"] == "permutation":
        order = np.random.RandomState(settings["seed"]).permutation(settings["images"])
    train, validation = settings["train"], settings["validation"]
    if train + validation > settings["images"]:
        raise ValueError(f"{train} + {validation} images of {settings['images']}")
    indices = {
        "train": order[:train].astype(np.int32),
        "validation": order[train : train + validation].astype(np.int32),
    }
    return {**indices, "test": np.arange(settings["test"], dtype=np.int32)} if "test" in settings else indices

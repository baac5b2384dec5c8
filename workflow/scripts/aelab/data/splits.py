"""Which images train, which validate, which test."""

import numpy as np


def split(settings):
    """Indices of a split.

    Parameters
    ----------
    settings : dict
        `kind`, `seed`, `train`, `validation` and perhaps `test`, as in the configuration, and `images`: how many
        training images the data set has. `permutation` takes `numpy.random.RandomState(seed).permutation(images)`
        from the front, which is what seeding NumPy and permuting gives; `in_order` takes the images as they come, from
        the image `start` (default 0) on, and after the last one goes on with the first.

    Returns
    -------
    dict of ndarray of int32
        `train` and `validation` into the training images, `test` into the test images where the settings have it.
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

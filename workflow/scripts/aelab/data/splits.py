"""Which images train, which validate, which test."""

import numpy as np

TRAINING_IMAGES, TEST_IMAGES = 60_000, 10_000


def split(settings):
    """Indices of a split: dict of int32 arrays `train`, `validation` (of the 60,000) and `test` (of the 10,000).

    Without `test` in the settings there is no such array.

    `permutation` takes `numpy.random.RandomState(seed).permutation(60000)` from the front, which is
    what seeding NumPy and permuting gives; `in_order` takes the images as they come.
    """
    order = np.arange(TRAINING_IMAGES)
    if settings["kind"] == "permutation":
        order = np.random.RandomState(settings["seed"]).permutation(TRAINING_IMAGES)
    train, validation = settings["train"], settings["validation"]
    if train + validation > TRAINING_IMAGES:
        raise ValueError(f"{train} + {validation} images of {TRAINING_IMAGES}")
    indices = {
        "train": order[:train].astype(np.int32),
        "validation": order[train : train + validation].astype(np.int32),
    }
    return {**indices, "test": np.arange(settings["test"], dtype=np.int32)} if "test" in settings else indices

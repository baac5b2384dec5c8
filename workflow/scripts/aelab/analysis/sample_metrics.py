"""The metrics by which samples are compared with real images, and the ranks that follow from them."""

from dataclasses import dataclass

import numpy as np

HELD_OUT, TRAINING, CENTRES = "held_out_images", "training_images", "k_means_centres"


@dataclass(frozen=True)
class Metric:
    """One metric of a set of samples.

    Attributes
    ----------
    words : str
        What it is called in figures.
    form : str
        The format of its values.
    higher : bool
        Whether a higher value is taken to be better.
    """

    words: str
    form: str
    higher: bool


METRICS = {
    "parzen": Metric("Parzen\nwindow (nats)", ".0f", True),
    "frechet": Metric("Fréchet\ndistance", ".2f", False),
    "precision": Metric("precision", ".2f", True),
    "recall": Metric("recall", ".2f", True),
    "classes": Metric("distance of\nclass shares", ".3f", False),
    "confidence": Metric("judge's\nconfidence", ".3f", True),
    "distance": Metric("to the nearest\ntraining image", ".2f", False),
}


def ranks(values: np.ndarray, higher: bool) -> np.ndarray:
    """Return the rank of each value (n,), 1 for the best; equal values share the best of their ranks."""
    signed = np.asarray(values, np.float64) * (1 if higher else -1)
    return 1 + (signed[None] > signed[:, None]).sum(axis=1)


WAYS = {
    "prior": "prior",
    "gaussian": "one Gaussian",
    "mixture": "mixture",
    "score": "score walk",
    "chain": "chain",
}


def words_of(name: str) -> str:
    """Return the name of a set of samples as figures show it."""
    if name in (HELD_OUT, TRAINING, CENTRES):
        return {HELD_OUT: "held-out images", TRAINING: "training images", CENTRES: "k-means centres"}[name]
    model, way = name.rsplit(".", 1)
    return f"{model}, {WAYS[way]}"

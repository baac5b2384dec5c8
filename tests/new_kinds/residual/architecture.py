"""Dense layers with skip connections in TensorFlow."""

import math
from typing import Any

import keras

from aelab.training.autoencoder import Autoencoder


class Architecture(Autoencoder):
    """An encoder and a decoder of residual blocks."""

    def __init__(self, entry: dict[str, Any]) -> None:
        super().__init__(entry)
        pixels, numbers = math.prod(entry["image_shape"]), entry["numbers"]
        self.networks = {
            "encoder": network(entry, pixels, numbers, "linear", "encoder"),
            "decoder": network(entry, numbers, pixels, "sigmoid", "decoder"),
        }


def network(entry: dict[str, Any], size: int, last: int, activation: str, name: str) -> keras.Model:
    """Return a network from `size` numbers to `last` numbers."""
    dense, skip = keras.layers.Dense, getattr(keras.layers, entry["skip"])
    inputs = keras.Input((size,))
    values = dense(entry["width"], activation="relu", name="first")(inputs)
    for n in range(1, entry["blocks"] + 1):
        block = dense(entry["width"], activation="relu", name=f"block_{n}")(values)
        values = skip(name=f"skip_{n}")([values, block])
    return keras.Model(inputs, dense(last, activation=activation, name="last")(values), name=name)

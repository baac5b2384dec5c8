"""The k-sparse autoencoder in TensorFlow."""

import math
from typing import Any

import keras
import tensorflow as tf

from aelab.training.autoencoder import Autoencoder


class Largest(keras.layers.Layer):
    """Keep the largest numbers of each row and set all others to zero."""

    def __init__(self, kept: int, **options: object) -> None:
        super().__init__(**options)
        self.kept = kept

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Return `inputs` (n, units) with zeros."""
        smallest = tf.math.top_k(inputs, self.kept).values[:, -1:]
        return tf.where(inputs >= smallest, inputs, 0)

    def get_config(self) -> dict[str, Any]:
        """Return the settings of the layer."""
        return {**super().get_config(), "kept": self.kept}


class Architecture(Autoencoder):
    """Two dense layers with `Largest` between them."""

    def __init__(self, entry: dict[str, Any]) -> None:
        super().__init__(entry)
        pixels, units = math.prod(entry["image_shape"]), entry["units"]
        dense = keras.layers.Dense
        self.networks = {
            "encoder": keras.Sequential(
                [keras.Input((pixels,)), dense(units, name="units"), Largest(entry["active"], name="largest")],
                name="encoder",
            ),
            "decoder": keras.Sequential(
                [keras.Input((units,)), dense(pixels, activation=entry["output"], name="pixels")], name="decoder"
            ),
        }

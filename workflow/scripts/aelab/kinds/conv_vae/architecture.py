"""Convolutional variational autoencoders."""

from typing import Any

import keras
import tensorflow as tf

from aelab.training import losses
from aelab.training.networks import cropping
from aelab.training.variational import VariationalAutoencoder


class Architecture(VariationalAutoencoder):
    """Strided convolutions, with dense layers at the end of the encoder and at the start of the decoder.

    The encoder ends in means and log standard deviations.

    Parameters
    ----------
    entry : dict
        The model's entry as `aelab.plan.plan.Plan.entry` returns it.
    """

    log_sigma_of_spread = 1.0

    def __init__(self, entry: dict[str, Any]) -> None:
        super().__init__(entry)
        self.networks = {"encoder": encoder(entry), "decoder": decoder(entry)}

    def misfit(self, targets: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        """Return how badly logits (n, pixels) fit images: the loss of the entry without the divergence, a scalar."""
        if self.entry["loss"] == "negative_elbo":
            return super().misfit(targets, logits)
        measure = {"squared_error": losses.squared_error, "mean_squared_error": losses.mse}[self.entry["loss"]]
        return measure(targets, tf.sigmoid(logits))


def encoder(entry: dict[str, Any]) -> keras.Sequential:
    """Build the encoder, which maps images (n, pixels) to means and log standard deviations side by side (n, 2k)."""
    activation = entry["activation"]
    rows, columns = entry["image_shape"]
    stack = [keras.Input((rows * columns,)), keras.layers.Reshape((rows, columns, 1), name="pixels")]
    for n, filters in enumerate(entry["filters"], 1):
        stack.append(keras.layers.Conv2D(filters, 3, 2, padding="same", activation=activation, name=f"convolution_{n}"))
    stack.append(keras.layers.Flatten(name="flat"))
    for n, units in enumerate(entry["units"], 1):
        stack.append(keras.layers.Dense(units, activation=activation, name=f"dense_{n}"))
    stack.append(keras.layers.Dense(2 * entry["code_size"], dtype="float32", name="posterior"))
    return keras.Sequential(stack, name="encoder")


def decoder(entry: dict[str, Any]) -> keras.Sequential:
    """Build the decoder, which mirrors the encoder and maps codes (n, k) to logits (n, pixels)."""
    activation, filters = entry["activation"], entry["filters"]
    rows, columns = entry["image_shape"]
    scale = 2 ** len(filters)
    height, width = -(-rows // scale), -(-columns // scale)
    stack = [keras.Input((entry["code_size"],))]
    for n, units in enumerate(reversed(entry["units"]), 1):
        stack.append(keras.layers.Dense(units, activation=activation, name=f"dense_{n}"))
    stack.append(keras.layers.Dense(height * width * filters[-1], activation=activation, name="dense_of_pixels"))
    stack.append(keras.layers.Reshape((height, width, filters[-1]), name="pixels"))
    for n, units in enumerate([*reversed(filters[:-1]), 1], 1):
        last = n == len(filters)
        stack.append(
            keras.layers.Conv2DTranspose(
                units, 3, 2, padding="same", activation=None if last else activation, name=f"convolution_{n}"
            )
        )
    stack += cropping((scale * height, scale * width), (rows, columns))
    stack.append(keras.layers.Flatten(name="flat"))
    return keras.Sequential(stack, name="decoder")

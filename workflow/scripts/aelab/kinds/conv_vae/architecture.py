"""Convolutional variational autoencoders."""

import keras

from aelab.training.variational import VariationalAutoencoder


class Architecture(VariationalAutoencoder):
    """Strided convolutions, dense layers at the encoder's end and the decoder's start, log standard deviations."""

    log_sigma_of_spread = 1.0

    def __init__(self, entry):
        super().__init__(entry)
        self.networks = {"encoder": encoder(entry), "decoder": decoder(entry)}


def encoder(entry):
    """Images (n, 784) to means and log standard deviations side by side (n, 2k)."""
    activation = entry["activation"]
    stack = [keras.Input((784,)), keras.layers.Reshape((28, 28, 1), name="pixels")]
    for n, filters in enumerate(entry["filters"], 1):
        stack.append(keras.layers.Conv2D(filters, 3, 2, padding="same", activation=activation, name=f"convolution_{n}"))
    stack.append(keras.layers.Flatten(name="flat"))
    for n, units in enumerate(entry["units"], 1):
        stack.append(keras.layers.Dense(units, activation=activation, name=f"dense_{n}"))
    stack.append(keras.layers.Dense(2 * entry["code_size"], dtype="float32", name="posterior"))
    return keras.Sequential(stack, name="encoder")


def decoder(entry):
    """Codes (n, k) to logits (n, 784): the encoder mirrored."""
    activation, filters = entry["activation"], entry["filters"]
    side = 28 // 2 ** len(filters)
    stack = [keras.Input((entry["code_size"],))]
    for n, units in enumerate(reversed(entry["units"]), 1):
        stack.append(keras.layers.Dense(units, activation=activation, name=f"dense_{n}"))
    stack.append(keras.layers.Dense(side * side * filters[-1], activation=activation, name="dense_of_pixels"))
    stack.append(keras.layers.Reshape((side, side, filters[-1]), name="pixels"))
    for n, width in enumerate([*reversed(filters[:-1]), 1], 1):
        last = n == len(filters)
        stack.append(
            keras.layers.Conv2DTranspose(
                width, 3, 2, padding="same", activation=None if last else activation, name=f"convolution_{n}"
            )
        )
    stack.append(keras.layers.Flatten(name="flat"))
    return keras.Sequential(stack, name="decoder")

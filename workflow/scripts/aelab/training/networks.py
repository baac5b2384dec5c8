"""Parts of networks that several kinds of model use."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import tensorflow as tf


@tf.custom_gradient
def vectorised_softplus(x: tf.Tensor) -> tuple[tf.Tensor, Callable]:
    """Return log(1 + exp(x)) as max(x, 0) - log(sigmoid(|x|)).

    No exponential overflows, and logarithms are only taken of numbers from 1/2 to 1.
    """

    def gradient(upstream: tf.Tensor) -> tf.Tensor:
        return upstream * tf.sigmoid(x)

    return tf.nn.relu(x) - tf.math.log(tf.sigmoid(tf.abs(x))), gradient


def softplus(x: tf.Tensor) -> tf.Tensor:
    """Return log(1 + exp(x)), accurate to the rounding of float32.

    TensorFlow's own function is not vectorised, and slower. It is used for types with fewer digits than float32, in
    which the sigmoid near 1 is rounded so much that its logarithm has no correct digits.
    """
    return vectorised_softplus(x) if x.dtype == tf.float32 else tf.nn.softplus(x)


class Transposed(keras.layers.Layer):
    """A dense layer whose kernel is the transposed kernel of another dense layer. It has its own bias.

    Parameters
    ----------
    dense : keras.layers.Dense
        The other layer.
    activation : str or callable
        As in Keras.
    **options
        Options of `keras.layers.Layer`, such as `name`.
    """

    def __init__(self, dense: keras.layers.Dense, activation: str | Callable | None, **options: object) -> None:
        super().__init__(**options)
        # A function, so that Keras does not count the other layer's kernel as this layer's, too.
        self.kernel = lambda: dense.kernel
        self.activation = keras.activations.get(activation)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Add the bias."""
        self.bias = self.add_weight(shape=(self.kernel().shape[0],), initializer="zeros", name="bias")

    @property
    def weights_read(self) -> list[keras.Variable]:
        """The other layer's kernel, and the bias."""
        return [self.kernel(), self.bias]

    def get_config(self) -> dict[str, Any]:
        """Return the settings, with which Keras describes a layer."""
        return {**super().get_config(), "activation": keras.activations.serialize(self.activation)}

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Return the outputs (n, rows of the other kernel) for inputs (n, columns of the other kernel)."""
        return self.activation(tf.matmul(inputs, tf.cast(self.kernel(), inputs.dtype), transpose_b=True) + self.bias)


OWN_ACTIVATIONS = {"softplus": softplus}


def layers(
    widths: Sequence[int],
    activations: Sequence[str],
    input_size: int,
    name: str,
    tied_to: keras.Sequential | None = None,
) -> keras.Sequential:
    """Build a stack of dense layers with Glorot-uniform kernels and zero biases.

    Parameters
    ----------
    widths : sequence of int
        Number of units in each layer.
    activations : sequence of str
        Activation of each layer.
    input_size : int
        Number of inputs.
    name : str
        Name of the network. The layers are named `<name>_1`, `<name>_2` and so on.
    tied_to : keras.Sequential, optional
        Another such stack. Each layer uses the transposed kernel of one of its layers, in the opposite order.
    """
    stack = [keras.Input((input_size,))]
    for n, (width, activation) in enumerate(zip(widths, activations, strict=True), 1):
        activation = OWN_ACTIVATIONS.get(activation, activation)
        if tied_to is None:
            stack.append(keras.layers.Dense(width, activation=activation, name=f"{name}_{n}"))
        else:
            stack.append(Transposed(tied_to.layers[-n], activation, name=f"{name}_{n}"))
    return keras.Sequential(stack, name=name)


def cropping(found: tuple[int, int], wanted: tuple[int, int]) -> list[keras.layers.Layer]:
    """Return the layer that crops images to a smaller size, in a list that is empty if they already have this size.

    Parameters
    ----------
    found, wanted : (int, int)
        Rows and columns before and after.
    """
    if tuple(found) == tuple(wanted):
        return []
    margins = [(more // 2, more - more // 2) for more in (a - b for a, b in zip(found, wanted, strict=True))]
    return [keras.layers.Cropping2D(margins, name="cropped")]


SETTINGS = ("activation", "cropping", "negative_slope", "padding", "pool_size", "size", "strides", "target_shape")


def described(network: keras.Model, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Describe the layers of a network for `aelab.inference.layers.apply`.

    Parameters
    ----------
    network : keras.Model
        A sequential model.
    names : mapping of str to str
        The name of each variable in the weight file, by its `path` in Keras.
    """
    found = []
    for layer in network.layers:
        config = layer.get_config()
        settings = {key: config[key] for key in SETTINGS if config.get(key) is not None}
        weights = [names[variable.path] for variable in getattr(layer, "weights_read", layer.weights)]
        found.append({"layer": type(layer).__name__, **settings, "weights": weights})
    return found

"""Parts of networks that several kinds of model are made of."""

import math

import keras
import tensorflow as tf


@tf.custom_gradient
def vectorised_softplus(x):
    """max(x, 0) - log(sigmoid(|x|)): no exponential overflows, and no logarithm is of a number below 1/2."""

    def gradient(upstream):
        return upstream * tf.sigmoid(x)

    return tf.nn.relu(x) - tf.math.log(tf.sigmoid(tf.abs(x))), gradient


def softplus(x):
    """log(1 + exp(x)), to the rounding of float32. TensorFlow's own is computed number by number, not vectorised.

    Below float32 it is TensorFlow's own: the logarithm of a rounded sigmoid near 1 has no digits left.
    """
    return vectorised_softplus(x) if x.dtype == tf.float32 else tf.nn.softplus(x)


class Transposed(keras.layers.Layer):
    """A dense layer whose kernel is another dense layer's, transposed; the bias is its own."""

    def __init__(self, dense, activation, bias_initializer="zeros", **options):
        super().__init__(**options)
        self.bias_initializer = keras.initializers.get(bias_initializer)
        # Behind a function, Keras does not count the other layer's kernel as this one's too.
        self.kernel = lambda: dense.kernel
        self.activation = keras.activations.get(activation)

    def build(self, input_shape):
        self.bias = self.add_weight(shape=(self.kernel().shape[0],), initializer=self.bias_initializer, name="bias")

    @property
    def weights_read(self):
        """The other layer's kernel and the bias."""
        return [self.kernel(), self.bias]

    def get_config(self):
        return {**super().get_config(), "activation": keras.activations.serialize(self.activation)}

    def call(self, inputs):
        return self.activation(tf.matmul(inputs, tf.cast(self.kernel(), inputs.dtype), transpose_b=True) + self.bias)


OWN_ACTIVATIONS = {"softplus": softplus}


def initializer(initial: str, part: str) -> keras.initializers.Initializer | str:
    """Return a Keras initializer, whose draws are its own.

    Parameters
    ----------
    initial : {"glorot", "truncated_normal"}
        Glorot-uniform kernels and zero biases (Glorot and Bengio 2010), or both from N(0, 1) without what is beyond 2.
    part : {"kernel", "bias"}
        What is initialised.

    Returns
    -------
    keras.initializers.Initializer or str
    """
    if initial == "truncated_normal":
        return keras.initializers.TruncatedNormal(mean=0.0, stddev=1.0)
    return {"kernel": "glorot_uniform", "bias": "zeros"}[part]


def glorot_of_heads(fan_in: int, width: int, heads: int) -> keras.initializers.Initializer:
    """Return the initializer of the kernel of a layer that stands for several layers (heads) of equal width."""
    limit = math.sqrt(6 / (fan_in + width / heads))
    return keras.initializers.RandomUniform(-limit, limit)


def layers(
    widths: list[int],
    activations: list[str],
    input_size: int,
    name: str,
    tied_to: keras.Sequential | None = None,
    initial: str = "glorot",
    heads: int = 1,
) -> keras.Sequential:
    """Build a stack of dense layers.

    Parameters
    ----------
    widths : list of int
        Units of each layer.
    activations : list of str
        Activation of each layer.
    input_size : int
        Numbers in an input.
    name : str
        Name of the network, with which those of its layers begin.
    tied_to : keras.Sequential or None
        Another such stack, from which each layer takes its kernel, in the opposite order.
    initial : {"glorot", "truncated_normal"}
        How weights are initialised (see `initializer`).
    heads : int
        Number of layers side by side that the last one stands for, of equal width, each Glorot-uniform by itself.

    Returns
    -------
    keras.Sequential
        The network.
    """
    stack = [keras.Input((input_size,))]
    for n, (width, activation) in enumerate(zip(widths, activations, strict=True), 1):
        activation = OWN_ACTIVATIONS.get(activation, activation)
        options = {"activation": activation, "bias_initializer": initializer(initial, "bias"), "name": f"{name}_{n}"}
        if tied_to is not None:
            stack.append(Transposed(tied_to.layers[-n], **options))
            continue
        kernel = initializer(initial, "kernel")
        if heads > 1 and n == len(widths):
            kernel = glorot_of_heads([input_size, *widths][n - 1], width, heads)
        stack.append(keras.layers.Dense(width, kernel_initializer=kernel, **options))
    return keras.Sequential(stack, name=name)


def cropping(found, wanted):
    """The layer, in a list, that cuts planes of `found` rows and columns down to `wanted`; none where they fit."""
    if tuple(found) == tuple(wanted):
        return []
    margins = [(more // 2, more - more // 2) for more in (a - b for a, b in zip(found, wanted, strict=True))]
    return [keras.layers.Cropping2D(margins, name="cropped")]


SETTINGS = ("activation", "cropping", "negative_slope", "padding", "pool_size", "size", "strides", "target_shape")


def described(network, names):
    """The layers of a Keras model as `inference.layers` applies them; `names` maps a variable's `path` to its name."""
    found = []
    for layer in network.layers:
        config = layer.get_config()
        settings = {key: config[key] for key in SETTINGS if config.get(key) is not None}
        weights = [names[variable.path] for variable in getattr(layer, "weights_read", layer.weights)]
        found.append({"layer": type(layer).__name__, **settings, "weights": weights})
    return found

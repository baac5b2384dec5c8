"""Parts of networks that several kinds of model are made of."""

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

    def __init__(self, dense, activation, **options):
        super().__init__(**options)
        # Behind a function, Keras does not count the other layer's kernel as this one's too.
        self.kernel = lambda: dense.kernel
        self.activation = keras.activations.get(activation)

    def build(self, input_shape):
        self.bias = self.add_weight(shape=(self.kernel().shape[0],), initializer="zeros", name="bias")

    @property
    def weights_read(self):
        """The other layer's kernel and the bias."""
        return [self.kernel(), self.bias]

    def get_config(self):
        return {**super().get_config(), "activation": keras.activations.serialize(self.activation)}

    def call(self, inputs):
        return self.activation(tf.matmul(inputs, tf.cast(self.kernel(), inputs.dtype), transpose_b=True) + self.bias)


OWN_ACTIVATIONS = {"softplus": softplus}


def layers(widths, activations, input_size, name, tied_to=None):
    """A stack of dense layers as a Keras model; Glorot-uniform weights, zero biases.

    With `tied_to`, another such stack, each layer takes its kernel from that stack, in the opposite order.
    """
    stack = [keras.Input((input_size,))]
    for n, (width, activation) in enumerate(zip(widths, activations, strict=True), 1):
        activation = OWN_ACTIVATIONS.get(activation, activation)
        if tied_to is None:
            stack.append(keras.layers.Dense(width, activation=activation, name=f"{name}_{n}"))
        else:
            stack.append(Transposed(tied_to.layers[-n], activation, name=f"{name}_{n}"))
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

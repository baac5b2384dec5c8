"""Parts of networks that several kinds of model use."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import tensorflow as tf

from aelab.errors import LabError


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
    bias_initializer : str or callable
        As in Keras.
    **options
        Options of `keras.layers.Layer`, such as `name`.
    """

    def __init__(
        self,
        dense: keras.layers.Dense,
        activation: str | Callable | None,
        bias_initializer: str | Callable = "zeros",
        **options: object,
    ) -> None:
        super().__init__(**options)
        self.bias_initializer = keras.initializers.get(bias_initializer)
        # A function, so that Keras does not count the other layer's kernel as this layer's, too.
        self.kernel = lambda: dense.kernel
        self.activation = keras.activations.get(activation)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Add the bias."""
        self.bias = self.add_weight(shape=(self.kernel().shape[0],), initializer=self.bias_initializer, name="bias")

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
    widths: Sequence[int],
    activations: Sequence[str],
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


# What weight files say about a layer beside its weights, and what they leave out, as `aelab.inference.layers` takes it.
SETTINGS = ("activation", "cropping", "negative_slope", "padding", "pool_size", "size", "strides", "target_shape")
ASSUMED = {
    "axis": -1,
    "data_format": "channels_last",
    "dilation_rate": (1, 1),
    "groups": 1,
    "interpolation": "nearest",
    "output_padding": None,
    "use_bias": True,
}


def described(network: keras.Model, named: Mapping[str, keras.Variable]) -> list[dict[str, Any]]:
    """Describe a network for a weight file.

    Parameters
    ----------
    network : keras.Model
        A chain of layers, or a graph of layers each of which is applied once.
    named : mapping of str to keras.Variable
        The trained variables of all networks of the model, by their names in the weight file.

    Returns
    -------
    list of dict
        The layers as `aelab.inference.layers.apply` takes them. What a kind of model defines in its own folder, layer
        or activation, is named `<kind>.<name>`.

    Raises
    ------
    LabError
        If the network does something that a weight file cannot say.
    """
    if len(network.outputs) > 1:
        raise LabError(f"the network {network.name} has several outputs, which weight files cannot describe.")
    layers = [layer for layer in network.layers if not isinstance(layer, keras.layers.InputLayer)]
    found = []
    for position, layer in enumerate(layers):
        read = getattr(layer, "weights_read", layer.weights)
        weights = [name_in(named, variable) for variable in read]
        if None in weights:
            unknown = [variable.name for variable, name in zip(read, weights, strict=True) if name is None]
            raise unsaid(layer, f"the weights {', '.join(unknown)}, which are not trained by gradient descent")
        inputs = [position] if isinstance(network, keras.Sequential) else positions(layer, layers)
        found.append(
            {
                "layer": name_of(type(layer)),
                **settings_of(layer),
                "weights": weights,
                **({} if inputs == [position] else {"inputs": inputs}),
            }
        )
    return found


def name_in(named: Mapping[str, keras.Variable], variable: keras.Variable) -> str | None:
    """Return the name of a variable, None if it has none. The variables of two networks may have the same path."""
    return next((name for name, each in named.items() if each is variable), None)


def name_of(function: Callable) -> str:
    """Return the name of a class or function, with that of the kind of model in whose folder it is defined."""
    _, _, rest = function.__module__.partition("aelab.kinds.")
    return f"{rest.partition('.')[0]}.{function.__name__}" if rest else function.__name__


def settings_of(layer: keras.layers.Layer) -> dict[str, Any]:
    """Return what a weight file says about a layer.

    Raises
    ------
    LabError
        If the layer does something that a weight file cannot say.
    """
    config = layer.get_config()
    if "." in name_of(type(layer)):
        return {key: value for key, value in config.items() if key not in ("name", "trainable", "dtype")}
    for key, assumed in ASSUMED.items():
        if config.get(key, assumed) != assumed:
            raise unsaid(layer, f"{key} {config[key]}")
    if "pool_size" in config and (config["strides"] != config["pool_size"] or config["padding"] != "valid"):
        raise unsaid(layer, "windows that overlap or leave the image")
    settings = {key: config[key] for key in SETTINGS if config.get(key) is not None}
    if "activation" in settings and "." in (name := name_of(layer.activation)):
        settings["activation"] = name
    return settings


def positions(layer: keras.layers.Layer, layers: list[keras.layers.Layer]) -> list[int]:
    """Return what a layer of a graph follows: positions in `layers`, from 1 on, and 0 for the network's input."""
    if len(layer._inbound_nodes) > 1:
        raise unsaid(layer, "several places in the network")
    inputs = layer.input if isinstance(layer.input, list) else [layer.input]
    before = [tensor._keras_history.operation for tensor in inputs]
    if not all(each in layers or isinstance(each, keras.layers.InputLayer) for each in before):
        raise unsaid(layer, "an input that no layer gives")
    return [layers.index(each) + 1 if each in layers else 0 for each in before]


def unsaid(layer: keras.layers.Layer, what: str) -> LabError:
    """Return the error where a weight file cannot say what a layer does."""
    return LabError(f"the layer {layer.name} ({type(layer).__name__}) has {what}, which weight files cannot describe.")

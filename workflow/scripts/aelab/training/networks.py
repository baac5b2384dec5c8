"""Parts of networks that several kinds of model are made of."""

import keras
import tensorflow as tf

from aelab.errors import LabError


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


def described(network, named):
    """Describe a network for a weight file.

    Parameters
    ----------
    network : keras.Model
        A chain of layers, or a graph of layers each of which is applied once.
    named : dict of keras.Variable
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


def name_in(named, variable):
    """The name of a variable, None where it has none. The variables of two networks may have the same path."""
    return next((name for name, each in named.items() if each is variable), None)


def name_of(function):
    """The name of a class or function, with that of the kind of model in whose folder it is defined."""
    _, _, rest = function.__module__.partition("aelab.kinds.")
    return f"{rest.partition('.')[0]}.{function.__name__}" if rest else function.__name__


def settings_of(layer):
    """What a weight file says about a layer. Raises `LabError` where that is not all."""
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


def positions(layer, layers):
    """What a layer of a graph follows: positions in `layers`, from 1 on, and 0 for the network's input."""
    if len(layer._inbound_nodes) > 1:
        raise unsaid(layer, "several places in the network")
    inputs = layer.input if isinstance(layer.input, list) else [layer.input]
    before = [tensor._keras_history.operation for tensor in inputs]
    if not all(each in layers or isinstance(each, keras.layers.InputLayer) for each in before):
        raise unsaid(layer, "an input that no layer gives")
    return [layers.index(each) + 1 if each in layers else 0 for each in before]


def unsaid(layer, what):
    """The error where a weight file cannot say what a layer does."""
    return LabError(f"the layer {layer.name} ({type(layer).__name__}) has {what}, which weight files cannot describe.")

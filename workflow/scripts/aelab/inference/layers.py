"""Layers of trained networks in NumPy: what Keras's layers of the same names compute, forwards.

Values are float32, of shape (n, k) or (n, height, width, channels). Importing TensorFlow takes longer than ten
thousand images take through most of these networks, so that only training and differentiating do.
"""

from types import MappingProxyType

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from aelab.errors import LabError

# -- activations -----------------------------------------------------------------------------------
#
# scipy.special has `expit` and `softmax`. Importing it would take 140 ms of each job. `expit` takes 21 instead of 25 ms
# for 10,000 images and rounds 16 % of the numbers differently; `softmax` gives the same bits in the same time. Only
# `gelu` imports it, as NumPy has no error function.


def sigmoid(x):
    """1 / (1 + exp(-x)); exp overflows to infinity, which gives 0."""
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-x))


def softplus(x):
    """log(1 + exp(x)), without overflow."""
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def softmax(x):
    """exp(x) as shares of its sum over the last axis."""
    powers = np.exp(x - x.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def elu(x):
    """x above zero, exp(x) - 1 below."""
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))


def gelu(x):
    """x times the standard normal's distribution function (Hendrycks and Gimpel 2016)."""
    from scipy.special import erf

    return x * (0.5 * (1 + erf(x * np.float32(0.5**0.5))))


ACTIVATIONS = {
    "linear": lambda x: x,
    "relu": lambda x: np.maximum(x, 0),
    "elu": elu,
    "gelu": gelu,
    "sigmoid": sigmoid,
    "softmax": softmax,
    "softplus": softplus,
    "tanh": np.tanh,
    "clip": lambda x: np.clip(x, 0, 1),
}

# -- layers ----------------------------------------------------------------------------------------


def convolved(x, kernel, strides, padding):
    """Cross-correlation of (n, h, w, c) with a kernel (a, b, c, d), as one matrix product over the patches."""
    (a, b, c, d), (down, right) = kernel.shape, strides
    if padding == "same":
        x = framed(x, (margins(x.shape[1], a, down), margins(x.shape[2], b, right)), pad=True)
    patches = sliding_window_view(x, (a, b), axis=(1, 2))[:, ::down, ::right]
    n, height, width = patches.shape[:3]
    if c == 1:  # copied pixel by pixel of the kernel: four times faster than patch by patch
        columns = np.empty((n, height, width, a, b), x.dtype)
        for i, j in np.ndindex(a, b):
            columns[..., i, j] = patches[:, :, :, 0, i, j]
    else:
        columns = patches.transpose(0, 1, 2, 4, 5, 3)
    return (columns.reshape(-1, a * b * c) @ kernel.reshape(-1, d)).reshape(n, height, width, d)


def convolved_transposed(x, kernel, strides, padding):
    """The adjoint of a convolution, (n, h, w, d) with a kernel (a, b, c, d) to (n, h', w', c).

    Every number is spread over a patch of the output; the patches add up.
    """
    (n, height, width, d), (a, b, c, _), (down, right) = x.shape, kernel.shape, strides
    patches = (x.reshape(-1, d) @ kernel.reshape(-1, d).T).reshape(n, height, width, a, b, c)
    rows, columns = (height - 1) * down + a, (width - 1) * right + b
    total = np.zeros((n, max(rows, height * down), max(columns, width * right), c), x.dtype)
    for i, j in np.ndindex(a, b):
        total[:, i : i + height * down : down, j : j + width * right : right] += patches[..., i, j, :]
    if padding == "same":
        top, left = margins(height * down, a, down)[0], margins(width * right, b, right)[0]
        return total[:, top : top + height * down, left : left + width * right]
    return total


def margins(size, kernel, stride):
    """Zeros before and after `size` numbers so that a convolution gives size / stride, rounded up."""
    more = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    return more // 2, more - more // 2


def pooled(x, size):
    """The largest number of each window (n, h // a, w // b, c); what fills no window is left out."""
    (a, b), (height, width) = size, x.shape[1:3]
    x = x[:, : height // a * a, : width // b * b]
    return np.maximum.reduce([x[:, i::a, j::b] for i, j in np.ndindex(a, b)])


def framed(x, frame, pad):
    """Zeros around the pixels (`pad`) or pixels cut off; `frame` is ((top, bottom), (left, right))."""
    (top, bottom), (left, right), (n, height, width, channels) = *frame, x.shape
    if not pad:
        return x[:, top : height - bottom, left : width - right]
    larger = np.zeros((n, top + height + bottom, left + width + right, channels), x.dtype)
    larger[:, top : top + height, left : left + width] = x
    return larger


def shifted(x, bias):
    """x plus a bias, in the memory of x."""
    x += bias
    return x


def summed(values):
    """The sum of several arrays of one shape."""
    return sum(values[1:], start=values[0])


# By Keras's name: a function of the values, the layer's settings and its weights. Layers of several inputs take a list.
LAYERS = {
    "Activation": lambda x, layer: x,
    "Add": lambda x, layer: summed(x),
    "Concatenate": lambda x, layer: np.concatenate(x, axis=-1),
    "Conv2D": lambda x, layer, kernel, bias: shifted(convolved(x, kernel, layer["strides"], layer["padding"]), bias),
    "Conv2DTranspose": lambda x, layer, kernel, bias: shifted(
        convolved_transposed(x, kernel, layer["strides"], layer["padding"]), bias
    ),
    "Cropping2D": lambda x, layer: framed(x, layer["cropping"], pad=False),
    "Dense": lambda x, layer, kernel, bias: shifted(x @ kernel, bias),
    "Flatten": lambda x, layer: x.reshape(len(x), -1),
    "LeakyReLU": lambda x, layer: np.maximum(x, np.float32(layer["negative_slope"]) * x),
    "MaxPooling2D": lambda x, layer: pooled(x, layer["pool_size"]),
    "Reshape": lambda x, layer: x.reshape(len(x), *layer["target_shape"]),
    "Transposed": lambda x, layer, kernel, bias: shifted(x @ kernel.T, bias),
    "UpSampling2D": lambda x, layer: x.repeat(layer["size"][0], 1).repeat(layer["size"][1], 2),
    "ZeroPadding2D": lambda x, layer: framed(x, layer["padding"], pad=True),
}


def apply(x, layers, arrays, own=MappingProxyType({})):
    """Apply the layers of a network.

    Parameters
    ----------
    x : np.ndarray
        Values (n, d).
    layers : list of dict
        For each layer its name, its settings and the names of its weights. `inputs`, if it does not follow the layer
        before it alone, are the positions of the layers that it follows: 1 for the first one, 0 for `x`.
    arrays : dict of np.ndarray
        The weights by name.
    own : mapping of callable
        Functions for names that are neither in `LAYERS` nor in `ACTIVATIONS`.

    Returns
    -------
    np.ndarray
        The values after the last layer.
    """
    needed = {position for layer in layers for position in layer.get("inputs", ())}
    kept = {0: x}
    for position, layer in enumerate(layers, 1):
        if "inputs" in layer:
            x = [kept[n] for n in layer["inputs"]]
            x = x if len(x) > 1 else x[0]
        x = named(layer["layer"], LAYERS, own)(x, layer, *(arrays[name] for name in layer["weights"]))
        x = named(layer.get("activation", "linear"), ACTIVATIONS, own)(x)
        if position in needed:
            kept[position] = x
    return x


def named(name, functions, own):
    """The function of a name. Raises `LabError` where there is none."""
    try:
        return functions[name] if name in functions else own[name]
    except KeyError:
        raise LabError(f"a trained model needs {name}, which aelab.inference.layers cannot apply.") from None

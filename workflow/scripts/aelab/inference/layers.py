"""The layers of trained networks in NumPy. Each computes the same as Keras's layer of that name.

Values are float32, of shape (n, k) or (n, height, width, channels). Importing TensorFlow takes longer than applying
most of these networks to ten thousand images, so that only training and differentiation use it.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from aelab.errors import LabError

# -- activations -----------------------------------------------------------------------------------
#
# scipy.special has `expit` and `softmax`. Importing it would take 140 ms of each job. `expit` takes 21 instead of 25 ms
# for ten thousand images and rounds 16 % of the numbers differently; `softmax` gives the same bits as fast. Only
# `gelu` imports it, as NumPy has no error function.


def sigmoid(x: np.ndarray) -> np.ndarray:
    """Return 1 / (1 + exp(-x)). If the exponential overflows to infinity, the result is 0, as it should be."""
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-x))


def softplus(x: np.ndarray) -> np.ndarray:
    """Return log(1 + exp(x)), without overflow."""
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def softmax(x: np.ndarray) -> np.ndarray:
    """Return exp(x) divided by its sum over the last axis."""
    powers = np.exp(x - x.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def elu(x: np.ndarray) -> np.ndarray:
    """Return x where it is positive, exp(x) - 1 elsewhere."""
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))


def gelu(x: np.ndarray) -> np.ndarray:
    """Return x times the standard normal distribution function of x.

    References
    ----------
    Hendrycks and Gimpel (2016), Gaussian error linear units.
    """
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


def convolved(x: np.ndarray, kernel: np.ndarray, strides: Sequence[int], padding: str) -> np.ndarray:
    """Return the cross-correlation of images with a kernel, as a single matrix product over all patches.

    Parameters
    ----------
    x : np.ndarray, shape (n, height, width, c)
        Images.
    kernel : np.ndarray, shape (a, b, c, d)
        The kernel of a `Conv2D` layer.
    strides : (int, int)
        Steps down and across.
    padding : {"same", "valid"}
        As in Keras.

    Returns
    -------
    np.ndarray, shape (n, new height, new width, d)
    """
    (a, b, c, d), (down, right) = kernel.shape, strides
    if padding == "same":
        x = framed(x, (margins(x.shape[1], a, down), margins(x.shape[2], b, right)), pad=True)
    patches = sliding_window_view(x, (a, b), axis=(1, 2))[:, ::down, ::right]
    n, height, width = patches.shape[:3]
    if c == 1:  # copying by pixels of the kernel is four times faster than by patches
        columns = np.empty((n, height, width, a, b), x.dtype)
        for i, j in np.ndindex(a, b):
            columns[..., i, j] = patches[:, :, :, 0, i, j]
    else:
        columns = patches.transpose(0, 1, 2, 4, 5, 3)
    return (columns.reshape(-1, a * b * c) @ kernel.reshape(-1, d)).reshape(n, height, width, d)


def convolved_transposed(x: np.ndarray, kernel: np.ndarray, strides: Sequence[int], padding: str) -> np.ndarray:
    """Return the transposed convolution of images with a kernel.

    Each value is multiplied by the kernel to give a patch of the output. Patches are added where they overlap.

    Parameters
    ----------
    x : np.ndarray, shape (n, height, width, d)
        Images.
    kernel : np.ndarray, shape (a, b, c, d)
        The kernel of a `Conv2DTranspose` layer.
    strides : (int, int)
        Steps down and across, in the output.
    padding : {"same", "valid"}
        As in Keras.

    Returns
    -------
    np.ndarray, shape (n, new height, new width, c)
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


def margins(size: int, kernel: int, stride: int) -> tuple[int, int]:
    """Return how many zeros to put before and after a row so that a convolution gives size / stride values, rounded up.

    Parameters
    ----------
    size : int
        Number of values in the row.
    kernel : int
        Number of values in the kernel.
    stride : int
        Step of the convolution.
    """
    more = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    return more // 2, more - more // 2


def pooled(x: np.ndarray, size: Sequence[int]) -> np.ndarray:
    """Return the maximum of each window of images, without overlap.

    Parameters
    ----------
    x : np.ndarray, shape (n, height, width, c)
        Images.
    size : (int, int)
        Rows a and columns b of a window.

    Returns
    -------
    np.ndarray, shape (n, height // a, width // b, c)
        Rows and columns at the end that do not fill a window are left out.
    """
    (a, b), (height, width) = size, x.shape[1:3]
    x = x[:, : height // a * a, : width // b * b]
    return np.maximum.reduce([x[:, i::a, j::b] for i, j in np.ndindex(a, b)])


def framed(x: np.ndarray, frame: Sequence[Sequence[int]], pad: bool) -> np.ndarray:
    """Pad images with zeros, or crop them.

    Parameters
    ----------
    x : np.ndarray, shape (n, height, width, c)
        Images.
    frame : ((int, int), (int, int))
        Number of rows (top, bottom) and of columns (left, right) to add or remove.
    pad : bool
        Whether to add them; otherwise they are removed.
    """
    (top, bottom), (left, right), (n, height, width, channels) = *frame, x.shape
    if not pad:
        return x[:, top : height - bottom, left : width - right]
    larger = np.zeros((n, top + height + bottom, left + width + right, channels), x.dtype)
    larger[:, top : top + height, left : left + width] = x
    return larger


def shifted(x: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Add a bias to x in place, and return x."""
    x += bias
    return x


def summed(values: Sequence[np.ndarray]) -> np.ndarray:
    """Return the sum of several arrays of one shape."""
    return sum(values[1:], start=values[0])


# By Keras's name of the layer: a function of the values, the settings of the layer, and its weights. Layers of several
# inputs take a list of values.
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


def apply(
    x: np.ndarray,
    layers: Sequence[Mapping[str, Any]],
    arrays: Mapping[str, np.ndarray],
    own: Mapping[str, Callable] = MappingProxyType({}),
) -> np.ndarray:
    """Apply the layers of a network.

    Parameters
    ----------
    x : np.ndarray
        float32 values (n, d) for the first layer.
    layers : sequence of mapping
        For each layer its name in Keras (`layer`), the names of its `weights`, and its settings. `inputs`, if it does
        not follow the layer before it alone, are the positions of the layers that it follows: 1 for the first layer, 0
        for `x`.
    arrays : mapping of str to np.ndarray
        The weights by name.
    own : mapping of str to callable
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


def named(name: str, functions: Mapping[str, Callable], own: Mapping[str, Callable]) -> Callable:
    """Return the function of a name.

    Raises
    ------
    LabError
        If there is none.
    """
    try:
        return functions[name] if name in functions else own[name]
    except KeyError:
        raise LabError(f"a trained model needs {name}, which aelab.inference.layers cannot apply.") from None

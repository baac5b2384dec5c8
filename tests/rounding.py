"""How far rounding may move a result, on any processor: what the tolerances of the tests follow from.

- A sum of n products lies within `gamma(n)` times the sum of their absolute values of the exact one, whatever the order
  and with or without fused multiply-adds (Higham 2002, Accuracy and Stability of Numerical Algorithms, section 3.1).
- Libraries promise exp, log, tanh and their like to 4 units in the last place, which are 8 roundings: `FUNCTION`.
- Draws have seeds, and a mean of draws may be off by `STANDARD_ERRORS` of its own standard errors: a normal number is
  that far off once in 1.7 million.
- A few operations in float64 need no thought: the defaults of pytest (1e-6) and NumPy (1e-7) are a million times wider.
- Where float32 can hold every product and every sum, as with pixels in sixteenths, a test asks for equality.
"""

import numpy as np

from aelab.inference.layers import ACTIVATIONS, LAYERS

FUNCTION = 8
STANDARD_ERRORS = 5
EXACT = ("linear", "relu", "clip")  # activations that round nothing
STEEPEST = 1.13  # slope that no activation exceeds: gelu's; all others' are at most 1


def gamma(n, dtype=np.float32):
    """The relative error of n roundings one after the other, n u / (1 - n u) for the unit roundoff u of `dtype`."""
    n_u = n * float(np.finfo(dtype).eps) / 2
    return n_u / (1 - n_u)


def turned(values, n, scale=None):
    """How far rounding in float64 may turn singular vectors or eigenvectors that belong to different values.

    Davis and Kahan (1970): the error of the matrix over the gap between two values.

    Parameters
    ----------
    values : array_like of float
        The values whose vectors are compared and the next one, in falling order.
    n : int
        Roundings that a number of the matrix goes through.
    scale : float, optional
        What these roundings are relative to; the largest value without it.

    Returns
    -------
    float
        A bound on the difference of two unit vectors.
    """
    error = gamma(n, np.float64) * (values[0] if scale is None else scale)
    return 2 * error / -np.diff(values).max()


def of_network(layers, arrays, inputs, error=0.0):
    """What a network gives in float64, and how far its results in float32 may lie from that.

    Each layer passes the error of its inputs on, as large as its weights can make it, and adds its own.

    Parameters
    ----------
    layers : list of dict
        As in a weight file (`aelab.weights`).
    arrays : dict of str to ndarray
        The weights by name.
    inputs : ndarray of float, shape (n, d)
    error : float or ndarray, optional
        How far the inputs in float32 may lie from these.

    Returns
    -------
    values, error : ndarray of float64, shape (n, k)
    """
    x, error = np.asarray(inputs, np.float64), np.zeros(np.shape(inputs)) + error
    for layer in layers:
        apply, activation = LAYERS[layer["layer"]], layer.get("activation", "linear")
        weights = [arrays[name].astype(np.float64) for name in layer["weights"]]
        sizes = [np.abs(array) for array in weights]
        if weights:
            ones = [(array != 0).astype(np.float64) for array in weights]
            terms = apply(np.ones_like(x), layer, *ones).max()  # adding a zero rounds nothing
            rounded = gamma(terms) * apply(np.abs(x) + error, layer, *sizes)
            error = apply(error, layer, sizes[0], 0 * sizes[1]) + rounded
        else:
            error = apply(error, layer) + gamma(1) * np.abs(apply(x, layer))
        x = ACTIVATIONS[activation](apply(x, layer, *weights))
        if activation == "softmax":  # a share moves at most half as far as the logit that moves most
            error = error.max(axis=-1, keepdims=True) + np.zeros_like(x)
        if activation not in EXACT:
            error = STEEPEST * error + gamma(2 * FUNCTION) * np.maximum(np.abs(x), 1)
    return x, error

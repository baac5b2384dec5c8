"""Build dense models from given weights instead of training them.

A model is a pair of a description and a dict of weights by name, as in weight files (`aelab.files.weights`).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

# The content of a weight file.
Content = tuple[dict[str, Any], dict[str, np.ndarray]]


def linear(mean: np.ndarray, components: np.ndarray) -> Content:
    """Build the model that projects images onto components, and clips reconstructions to [0, 1].

    Parameters
    ----------
    mean : np.ndarray, shape (d,)
        What is subtracted from images before the projection.
    components : np.ndarray, shape (k, d)
        Orthonormal components.

    Returns
    -------
    Content
    """
    parts = {
        "encoder": [(components.T, -mean @ components.T, "linear")],
        "decoder": [(components, mean, "linear")],
    }
    return dense(parts, output="clip")


def stacked(models: Sequence[Content]) -> Content:
    """Join the encoders of dense models, and their decoders in the opposite order: the last code is decoded first.

    References
    ----------
    Vincent et al. (2010), Stacked denoising autoencoders.
    """
    parts = {
        "encoder": [layer for model in models for layer in of_dense(model, "encoder")],
        "decoder": [layer for model in models[::-1] for layer in of_dense(model, "decoder")],
    }
    return dense(parts)


def of_dense(model: Content, network: str) -> Iterator[tuple[np.ndarray, np.ndarray, str]]:
    """Yield kernel (in, out), bias (out,) and activation of each layer of a dense network."""
    description, arrays = model
    for layer in description["networks"][network]:
        kernel, bias = (arrays[name] for name in layer["weights"])
        yield kernel.T if layer["layer"] == "Transposed" else kernel, bias, layer["activation"]


def dense(parts: Mapping[str, Sequence[tuple[np.ndarray, np.ndarray, str]]], output: str = "linear") -> Content:
    """Build a model of dense layers, with weights named as Keras names them.

    Parameters
    ----------
    parts : mapping of str to sequence of (np.ndarray, np.ndarray, str)
        Kernel (in, out), bias (out,) and activation of each layer of the `encoder` and of the `decoder`.
    output : str
        The activation after the decoder.

    Returns
    -------
    Content
        With float32 weights.
    """
    networks, arrays = {}, {}
    for network, given in parts.items():
        networks[network] = []
        for n, (kernel, bias, activation) in enumerate(given, 1):
            names = [f"{network}/{network}_{n}/{variable}" for variable in ("kernel", "bias")]
            arrays |= {name: np.asarray(array, np.float32) for name, array in zip(names, (kernel, bias), strict=True)}
            networks[network].append({"layer": "Dense", "activation": activation, "weights": names})
    description = {
        "family": "autoencoder",
        "networks": networks,
        "output": output,
        "trained": list(arrays),
        "input_size": len(next(iter(arrays.values()))),
    }
    return description, arrays

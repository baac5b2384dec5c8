"""Dense models that are put together, not trained: descriptions and weights as in weight files (`files.weights`)."""

import numpy as np


def linear(mean, components):
    """Projection on orthonormal components (k, d) about a mean (d,), reconstructions clipped to [0, 1]."""
    parts = {
        "encoder": [(components.T, -mean @ components.T, "linear")],
        "decoder": [(components, mean, "linear")],
    }
    return dense(parts, output="clip")


def stacked(models):
    """The encoders of dense models one after the other, and their decoders in the opposite order.

    So that the last code is undone first (Vincent et al. 2010).
    """
    parts = {
        "encoder": [layer for model in models for layer in of_dense(model, "encoder")],
        "decoder": [layer for model in models[::-1] for layer in of_dense(model, "decoder")],
    }
    return dense(parts)


def of_dense(model, network):
    """Kernel (in, out), bias and activation of each layer of a dense network."""
    description, arrays = model
    for layer in description["networks"][network]:
        kernel, bias = (arrays[name] for name in layer["weights"])
        yield kernel.T if layer["layer"] == "Transposed" else kernel, bias, layer["activation"]


def dense(parts, output="linear"):
    """The model of dense layers (kernel, bias, activation) of `encoder` and `decoder`, named as Keras names them."""
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

"""Trained models as Keras models of Keras's own layers alone, which open without this project.

A model is built from its weight file (`aelab.files.weights`), not from its kind: what is trained with layers and losses
of this project is written there in the words of Keras's layers.
"""

import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from aelab.errors import LabError

# When every exported file claims to have been written, so that the same model gives the same bytes.
WRITTEN = (1980, 1, 1, 0, 0, 0)
DATE = "1980-01-01@00:00:00"

Description = Mapping[str, Any]
Arrays = Mapping[str, np.ndarray]


def of_kernel(layer: Description, kernel: np.ndarray) -> dict[str, Any]:
    """Return strides and padding of a convolution and the size of its kernel."""
    return {"kernel_size": kernel.shape[:2], "strides": layer["strides"], "padding": layer["padding"]}


# By the name of a layer in a weight file: Keras's layer, from the description of the layer and its weights.
LAYERS: dict[str, Callable[..., keras.layers.Layer]] = {
    "Activation": lambda layer: keras.layers.Activation(layer["activation"]),
    "Add": lambda layer: keras.layers.Add(),
    "Concatenate": lambda layer: keras.layers.Concatenate(axis=-1),
    "Conv2D": lambda layer, kernel, bias: keras.layers.Conv2D(
        len(bias), activation=layer.get("activation"), **of_kernel(layer, kernel)
    ),
    "Conv2DTranspose": lambda layer, kernel, bias: keras.layers.Conv2DTranspose(
        len(bias), activation=layer.get("activation"), **of_kernel(layer, kernel)
    ),
    "Cropping2D": lambda layer: keras.layers.Cropping2D(layer["cropping"]),
    "Dense": lambda layer, kernel, bias: keras.layers.Dense(len(bias), activation=layer.get("activation")),
    "Flatten": lambda layer: keras.layers.Flatten(),
    "LeakyReLU": lambda layer: keras.layers.LeakyReLU(negative_slope=layer["negative_slope"]),
    "MaxPooling2D": lambda layer: keras.layers.MaxPooling2D(layer["pool_size"]),
    "Reshape": lambda layer: keras.layers.Reshape(layer["target_shape"]),
    "Transposed": lambda layer, kernel, bias: keras.layers.Dense(len(bias), activation=layer.get("activation")),
    "UpSampling2D": lambda layer: keras.layers.UpSampling2D(layer["size"]),
    "ZeroPadding2D": lambda layer: keras.layers.ZeroPadding2D(layer["padding"]),
}


def activated(name: str) -> keras.layers.Layer:
    """Return an activation of weight files as a layer."""
    return keras.layers.ReLU(max_value=1.0) if name == "clip" else keras.layers.Activation(name)


def network(name: str, layers: Sequence[Description], arrays: Arrays, shape: Sequence[int]) -> keras.Model:
    """Build a network.

    Parameters
    ----------
    name : str
        Its name.
    layers : sequence of mapping
        Its layers, as a weight file describes them.
    arrays : mapping of str to np.ndarray
        The weights by name.
    shape : sequence of int
        The shape of one of its inputs.

    Returns
    -------
    keras.Model
        With the weights.

    Raises
    ------
    LabError
        If Keras has no such layer or activation.
    """
    values = [keras.Input(shape, name=f"input_of_{name}")]
    for position, layer in enumerate(layers, 1):
        weights = [arrays[each] for each in layer["weights"]]
        for said in (layer["layer"], layer.get("activation", "linear")):
            if "." in said:
                raise LabError(f"{said} is an operation of this project: Keras has no layer for it.")
        built = LAYERS[layer["layer"]](layer, *weights)
        built.name = f"{position}_{layer['weights'][-1].split('/')[-2]}" if weights else f"{position}_{built.name}"
        taken = [values[n] for n in layer.get("inputs", [position - 1])]
        values.append(built(taken if len(taken) > 1 else taken[0]))
        if weights:
            kernel, bias = weights
            built.set_weights([kernel.T if layer["layer"] == "Transposed" else kernel, bias])
    return keras.Model(values[0], values[-1], name=name)


def model_of(description: Description, arrays: Arrays) -> keras.Model:
    """Build the model of a weight file.

    Parameters
    ----------
    description : mapping
        What the weight file says about the model.
    arrays : mapping of str to np.ndarray
        Its weights by name.

    Returns
    -------
    keras.Model
        From images (n, pixels) in [0, 1], or the codes that the model takes, to reconstructions. Its layers `encoder`
        and `decoder` are models of their own, which give and take codes. The encoder of a variational model gives means
        and has a layer `statistics`, which gives means and spreads side by side. A classifier gives probabilities.

    Raises
    ------
    LabError
        If Keras has no layer for a part of it.
    """
    inputs = keras.Input((description["input_size"],), name="images")
    networks = description["networks"]
    if description["family"] == "classifier":
        values = inputs
        for name, layers in networks.items():
            values = network(name, layers, arrays, values.shape[1:])(values)
        return keras.Model(inputs, keras.layers.Softmax(name="probabilities")(values), name="model")
    encoder = network("encoder", networks["encoder"], arrays, inputs.shape[1:])
    if description["family"] == "variational":
        encoder = with_means(encoder)
    decoder = network("decoder", networks["decoder"], arrays, encoder.output_shape[1:])
    if description["output"] != "linear":
        output = activated(description["output"])(decoder.outputs[0])
        decoder = keras.Model(decoder.inputs[0], output, name="decoder")
    return keras.Model(inputs, decoder(encoder(inputs)), name="model")


def with_means(statistics: keras.Model) -> keras.Model:
    """Return the encoder that gives the first half of what a network gives, the means of a variational model."""
    statistics.name = "statistics"
    size = statistics.output_shape[1] // 2
    inputs = keras.Input(statistics.input_shape[1:], name="input_of_encoder")
    values = keras.layers.Reshape((2, size), name="means_and_spreads")(statistics(inputs))
    means = keras.layers.Cropping1D((0, 1), name="means")(values)
    return keras.Model(inputs, keras.layers.Flatten(name="code")(means), name="encoder")


def packed(model: keras.Model) -> bytes:
    """Return a model as a `.keras` file has it. The same model gives the same bytes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.keras")
        model.save(path)
        with zipfile.ZipFile(path) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
    metadata = {**json.loads(parts["metadata.json"]), "date_saved": DATE}
    parts["metadata.json"] = json.dumps(metadata).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, part in parts.items():
            archive.writestr(zipfile.ZipInfo(name, WRITTEN), part)
    return buffer.getvalue()

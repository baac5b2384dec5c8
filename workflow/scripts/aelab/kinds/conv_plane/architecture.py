"""A convolutional autoencoder with a code of two numbers and no dense layer."""

from typing import Any

import keras

from aelab.training.autoencoder import Autoencoder

# Activations that are not monotonic. All others commute with max pooling and are applied after it: the result is the
# same for a quarter of the work.
FALLING = ("gelu",)


class Architecture(Autoencoder):
    """3x3 convolutions, each followed by an activation and a pooling or an upsampling.

    The last block of either side has one filter; that of the encoder pools down to 1 x 2 numbers. The decoder mirrors
    the encoder: it ends in an upsampling, so that pixels come in equal blocks of 2 x 2, unless `last_upsampling` is
    false.

    Parameters
    ----------
    entry : dict
        The model's entry as `aelab.plan.plan.Plan.entry` returns it.
    """

    def __init__(self, entry: dict[str, Any]) -> None:
        super().__init__(entry)
        self.networks = {"encoder": encoder(entry), "decoder": decoder(entry)}


def activation(name: str, layer: str) -> keras.layers.Layer:
    """Return an activation as a separate layer.

    Parameters
    ----------
    name : str
        The name of the activation in Keras. `leaky_relu` has the slope 0.1 below zero.
    layer : str
        The name of the layer.

    Returns
    -------
    keras.layers.Layer
    """
    return (
        keras.layers.LeakyReLU(0.1, name=layer) if name == "leaky_relu" else keras.layers.Activation(name, name=layer)
    )


def padded(entry: dict[str, Any]) -> tuple[int, int]:
    """Return the rows and columns of the padded images.

    Both are powers of two, so that poolings by 2 divide them without remainder, and large enough for the poolings of
    the entry to leave at least 1 x 2 numbers.
    """
    rows, columns = entry["image_shape"]
    poolings = len(entry["filters"])
    return (
        max(1 << (rows - 1).bit_length(), 2**poolings),
        max(1 << (columns - 1).bit_length(), 2 ** (poolings + 1)),
    )


def padding(entry: dict[str, Any]) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the numbers of zeros above and below, and to the left and right of an image."""
    more = [a - b for a, b in zip(padded(entry), entry["image_shape"], strict=True)]
    return tuple((n // 2, n - n // 2) for n in more)


def blocks(entry: dict[str, Any]) -> list[keras.KerasTensor | keras.layers.Layer]:
    """Return the layers of the encoder without its last block.

    They map images (n, pixels) to feature maps (n, rows, columns, filters).
    """
    rows, columns = entry["image_shape"]
    stack = [
        keras.Input((rows * columns,)),
        keras.layers.Reshape((rows, columns, 1), name="pixels"),
        keras.layers.ZeroPadding2D(padding(entry), name="padded"),
    ]
    for n, filters in enumerate(entry["filters"], 1):
        stack.append(keras.layers.Conv2D(filters, 3, padding="same", name=f"convolution_{n}"))
        rest = [activation(entry["activation"], f"activation_{n}"), keras.layers.MaxPooling2D(2, name=f"pooling_{n}")]
        stack += rest if entry["activation"] in FALLING else rest[::-1]
    return stack


def last_pooling(entry: dict[str, Any]) -> tuple[int, int]:
    """Return the height and width of the encoder's last pooling, which leaves 1 x 2 numbers.

    A square image is pooled unevenly, by 2 x 1 at the end. Padding it to twice as many columns as rows instead would
    double the work for the sake of an empty half.
    """
    rows, columns = (side // 2 ** len(entry["filters"]) for side in padded(entry))
    return rows, columns // 2


def encoder(entry: dict[str, Any]) -> keras.Sequential:
    """Build the encoder, which maps images (n, pixels) to codes (n, 2)."""
    stack = blocks(entry)
    stack.append(keras.layers.Conv2D(1, 3, padding="same", name="convolution_of_code"))
    stack.append(activation(entry["code_activation"], "activation_of_code"))
    stack.append(keras.layers.MaxPooling2D(last_pooling(entry), name="pooling_of_code"))
    stack.append(keras.layers.Flatten(dtype="float32", name="code"))
    return keras.Sequential(stack, name="encoder")


def decoder(entry: dict[str, Any]) -> keras.Sequential:
    """Build the decoder, which maps codes (n, 2) to images (n, pixels)."""
    stack = [keras.Input((2,)), keras.layers.Reshape((1, 2, 1), name="code")]
    hidden, factors = [*reversed(entry["filters"])], [last_pooling(entry)] + [2] * len(entry["filters"])
    if not entry["last_upsampling"]:  # it then follows one more hidden convolution
        hidden.append(entry["filters"][0])
    for n, (filters, factor) in enumerate(zip(hidden, factors, strict=False), 1):
        stack.append(keras.layers.Conv2DTranspose(filters, 3, padding="same", name=f"convolution_{n}"))
        stack.append(activation(entry["activation"], f"activation_{n}"))
        stack.append(keras.layers.UpSampling2D(factor, name=f"upsampling_{n}"))
    stack.append(keras.layers.Conv2DTranspose(1, 3, padding="same", name="convolution_of_pixels"))
    stack.append(activation(entry["output_activation"], "activation_of_pixels"))
    stack += [keras.layers.UpSampling2D(factor, name="upsampling_of_pixels") for factor in factors[len(hidden) :]]
    stack.append(keras.layers.Cropping2D(padding(entry), name="cropped"))
    stack.append(keras.layers.Flatten(name="image"))
    return keras.Sequential(stack, name="decoder")

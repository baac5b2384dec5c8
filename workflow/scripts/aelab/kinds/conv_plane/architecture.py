"""A convolutional autoencoder with a code of two numbers and no dense layer."""

import keras

from aelab.training.autoencoder import Autoencoder

# Activations that fall somewhere. All others may follow the pooling: the same numbers from a quarter of the work.
FALLING = ("gelu",)


class Architecture(Autoencoder):
    """3x3 convolutions, each followed by an activation and a pooling or an upsampling.

    The encoder's last block has one filter and a pooling that leaves 2 x 1 numbers; the decoder
    mirrors the encoder and ends in a convolution with one filter.
    """

    def __init__(self, entry):
        super().__init__(entry)
        self.networks = {"encoder": encoder(entry), "decoder": decoder(entry)}


def activation(name, layer):
    """An activation as a layer of its own; a leaky ReLU has the slope 0.1 below zero."""
    return (
        keras.layers.LeakyReLU(0.1, name=layer) if name == "leaky_relu" else keras.layers.Activation(name, name=layer)
    )


def padded(entry):
    """Rows and columns of the padded images: powers of two, since poolings by 2 take no others to 1.

    At least as many as the entry's poolings need to leave 2 x 1 numbers.
    """
    rows, columns = entry["image_shape"]
    poolings = len(entry["filters"])
    return (
        max(1 << (rows - 1).bit_length(), 2 ** (poolings + 1)),
        max(1 << (columns - 1).bit_length(), 2**poolings),
    )


def padding(entry):
    """Zeros before and after the rows, and before and after the columns."""
    more = [a - b for a, b in zip(padded(entry), entry["image_shape"], strict=True)]
    return tuple((n // 2, n - n // 2) for n in more)


def blocks(entry):
    """The encoder without its last block, a list of layers: images (n, pixels) to maps (n, rows, columns, filters)."""
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


def last_pooling(entry):
    """Height and width that the encoder's last pooling takes together, so that 2 x 1 numbers are left."""
    rows, columns = (side // 2 ** len(entry["filters"]) for side in padded(entry))
    return rows // 2, columns


def encoder(entry):
    """Images (n, pixels) to codes (n, 2)."""
    stack = blocks(entry)
    stack.append(keras.layers.Conv2D(1, 3, padding="same", name="convolution_of_code"))
    stack.append(activation(entry["code_activation"], "activation_of_code"))
    stack.append(keras.layers.MaxPooling2D(last_pooling(entry), name="pooling_of_code"))
    stack.append(keras.layers.Flatten(dtype="float32", name="code"))
    return keras.Sequential(stack, name="encoder")


def decoder(entry):
    """Codes (n, 2) to images (n, pixels)."""
    stack = [keras.Input((2,)), keras.layers.Reshape((2, 1, 1), name="code")]
    factors = [last_pooling(entry)] + [2] * len(entry["filters"])
    widths = [entry["filters"][-1], *reversed(entry["filters"])]
    for n, (filters, factor) in enumerate(zip(widths, factors, strict=True), 1):
        stack.append(keras.layers.Conv2DTranspose(filters, 3, padding="same", name=f"convolution_{n}"))
        stack.append(activation(entry["activation"], f"activation_{n}"))
        stack.append(keras.layers.UpSampling2D(factor, name=f"upsampling_{n}"))
    stack.append(keras.layers.Conv2DTranspose(1, 3, padding="same", name="convolution_of_pixels"))
    stack.append(activation(entry["output_activation"], "activation_of_pixels"))
    stack.append(keras.layers.Cropping2D(padding(entry), name="cropped"))
    stack.append(keras.layers.Flatten(name="image"))
    return keras.Sequential(stack, name="decoder")

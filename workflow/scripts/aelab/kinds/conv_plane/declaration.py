"""What planning needs to know about convolutional autoencoders with a code in the plane."""

from collections.abc import Iterable

from aelab.kinds import declarations
from aelab.kinds.declarations import Config, Entry


class Declaration(declarations.Declaration):
    """Convolutions with pooling down to two numbers, and a decoder that mirrors them."""

    def operations(self, entry: Entry, config: Config) -> set[str]:
        """Return the layers of encoder and decoder, and their activations."""
        activations = {entry[key] for key in ("activation", "code_activation", "output_activation")}
        return of_blocks(activations) | {"Conv2DTranspose", "Cropping2D", "Flatten", "UpSampling2D"}

    def multiply_adds(self, entry: Entry, config: Config) -> float:
        """Estimate the multiply-add operations of all convolutions."""
        return 2 * declarations.of_convolutions(entry["filters"], declarations.dataset(entry, config).pixels)


def of_blocks(activations: Iterable[str]) -> set[str]:
    """Return the operations of convolutional blocks, whose activations are layers of their own."""
    layers = {"Activation", "Conv2D", "LeakyReLU", "MaxPooling2D", "Reshape", "ZeroPadding2D", "linear"}
    return layers | {*activations} - {"leaky_relu"}

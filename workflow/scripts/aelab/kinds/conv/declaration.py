"""What planning needs to know about convolutional autoencoders with a dense code."""

from aelab.errors import ConfigurationError
from aelab.kinds import declarations
from aelab.kinds.declarations import Config, Entry


class Declaration(declarations.Declaration):
    """Strided convolutions in the encoder, transposed ones in the decoder."""

    def operations(self, entry: Entry, config: Config) -> set[str]:
        """Return the layers of encoder and decoder, and their activations."""
        layers = {"Conv2D", "Conv2DTranspose", "Cropping2D", "Dense", "Flatten", "Reshape"}
        return layers | {"linear", entry["activation"], entry["output"]}

    def multiply_adds(self, entry: Entry, config: Config) -> float:
        """Estimate the multiply-add operations of all convolutions."""
        return 2 * declarations.of_convolutions(entry["filters"], declarations.dataset(entry, config).pixels)

    def check(self, entry: Entry, config: Config, where: str) -> None:
        """Check that the output is a sigmoid if the loss is cross-entropy."""
        if entry["loss"] == "cross_entropy" and entry["output"] != "sigmoid":
            raise ConfigurationError(f"{where}.output", repr(entry["output"]), "sigmoid, for the loss cross_entropy")

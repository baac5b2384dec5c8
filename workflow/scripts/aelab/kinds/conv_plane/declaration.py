"""What planning needs to know about convolutional autoencoders with a code in the plane."""

from aelab.kinds import declarations
from aelab.kinds.declarations import Config, Entry


class Declaration(declarations.Declaration):
    """Convolutions with pooling down to two numbers, and a decoder that mirrors them."""

    def multiply_adds(self, entry: Entry, config: Config) -> float:
        """Estimate the multiply-add operations of all convolutions."""
        return 2 * declarations.of_convolutions(entry["filters"], declarations.dataset(entry, config).pixels)

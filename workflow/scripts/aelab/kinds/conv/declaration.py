"""What planning asks of convolutional autoencoders with a dense code."""

from aelab.errors import ConfigurationError
from aelab.kinds import declarations


class Declaration(declarations.Declaration):
    """Strided convolutions down, mirrored by transposed ones."""

    def multiply_adds(self, entry, config):
        return 2 * declarations.of_convolutions(entry["filters"])

    def check(self, entry, config, where):
        if entry["loss"] == "cross_entropy" and entry["output"] != "sigmoid":
            raise ConfigurationError(f"{where}.output", repr(entry["output"]), "sigmoid, for the loss cross_entropy")

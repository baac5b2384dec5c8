"""What planning asks of convolutional variational autoencoders."""

from aelab.kinds import declarations


class Declaration(declarations.Declaration):
    """Strided convolutions with dense layers about the code, mirrored."""

    def multiply_adds(self, entry, config):
        return 2 * declarations.of_convolutions(entry["filters"])

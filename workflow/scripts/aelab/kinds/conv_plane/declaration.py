"""What planning asks of convolutional autoencoders with a code in the plane."""

from aelab.kinds import declarations


class Declaration(declarations.Declaration):
    """Convolutions with pooling down to two numbers, mirrored."""

    def multiply_adds(self, entry, config):
        return 2 * declarations.of_convolutions(entry["filters"])

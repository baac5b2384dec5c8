"""What planning asks of convolutional classifiers."""

from aelab.kinds import declarations


class Declaration(declarations.Declaration):
    """Convolutions with pooling, then dense layers; the code is the probabilities of the ten digits."""

    learns = "labels"

    def code_size(self, entry, config):
        return 10

    def multiply_adds(self, entry, config):
        return declarations.of_convolutions(entry["filters"])

"""What planning asks of convolutional classifiers."""

from aelab.kinds import declarations


class Declaration(declarations.Declaration):
    """Convolutions with pooling, then dense layers; the code is the probabilities of the classes."""

    learns = "labels"

    def code_size(self, entry, config):
        return len(declarations.dataset(entry, config).classes)

    def multiply_adds(self, entry, config):
        return declarations.of_convolutions(entry["filters"], declarations.dataset(entry, config).pixels)

    def unfit(self, entry, shape):
        if min(shape) >> len(entry["filters"]):
            return None
        return f"{len(entry['filters'])} poolings by 2 leave nothing of them: name fewer filters"

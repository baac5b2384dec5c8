"""What planning needs to know about convolutional classifiers."""

from aelab.kinds import declarations
from aelab.kinds.declarations import Config, Entry


class Declaration(declarations.Declaration):
    """Convolutions with pooling, then dense layers. The code consists of the probabilities of the classes."""

    learns = "labels"

    def code_size(self, entry: Entry, config: Config) -> int:
        """Return the number of classes."""
        return len(declarations.dataset(entry, config).classes)

    def operations(self, entry: Entry, config: Config) -> set[str]:
        """Return the layers, their activations, and the softmax that turns logits into probabilities."""
        return {"Conv2D", "Dense", "Flatten", "MaxPooling2D", "Reshape", "linear", "relu", "softmax"}

    def multiply_adds(self, entry: Entry, config: Config) -> float:
        """Estimate the multiply-add operations of the convolutions."""
        return declarations.of_convolutions(entry["filters"], declarations.dataset(entry, config).pixels)

    def unfit(self, entry: Entry, shape: tuple[int, int]) -> str | None:
        """Return a reason if the poolings leave less than one row or column of the image."""
        if min(shape) >> len(entry["filters"]):
            return None
        return f"{len(entry['filters'])} poolings by 2 leave nothing of them: name fewer filters"

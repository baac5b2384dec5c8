"""What planning needs to know about convolutional variational autoencoders."""

from aelab.kinds import declarations
from aelab.kinds.declarations import Config, Entry


class Declaration(declarations.Declaration):
    """Strided convolutions and dense layers before the code, and a decoder that mirrors them."""

    has_prior = True

    def operations(self, entry: Entry, config: Config) -> set[str]:
        """Return the layers, their activations, and the sigmoid that turns logits into pixels."""
        layers = {"Conv2D", "Conv2DTranspose", "Cropping2D", "Dense", "Flatten", "Reshape"}
        return layers | {"linear", "sigmoid", entry["activation"]}

    def multiply_adds(self, entry: Entry, config: Config) -> float:
        """Estimate the multiply-add operations of all convolutions."""
        return 2 * declarations.of_convolutions(entry["filters"], declarations.dataset(entry, config).pixels)

    def measure(self, entry: Entry) -> str:
        """Return the negative ELBO, in nats per image."""
        return "test_negative_elbo"

"""A deep autoencoder put together from autoencoders that were trained layer by layer (Vincent et al. 2010)."""

from aelab import weights
from aelab.architectures import dense


def mirrored(layers):
    """The encoder and the decoder of a stack, as a dense entry says them.

    `layers` are the dense entries of the layers, from the image on. The encoders follow one another;
    their decoders follow in the opposite order, so that the last code is undone first.
    """
    return {
        part: {key: [value for layer in ordered for value in layer[part][key]] for key in ("widths", "activations")}
        for part, ordered in (("encoder", layers), ("decoder", layers[::-1]))
    }


class Architecture(dense.Architecture):
    """The encoders of the entry's layers and their decoders mirrored; nothing is trained.

    The weights have the names of a dense model of the same widths, which may start from them.
    """

    def __init__(self, entry):
        self.layers = [layer["entry"] for layer in entry["layers"]]
        super().__init__({**entry, **mirrored(self.layers)})

    def assemble(self, paths):
        """Set the weights from the layers' weight files, in the order of the layers."""
        trained = [weights.trained(layer, path) for layer, path in zip(self.layers, paths, strict=True)]
        for part, ordered in (("encoder", trained), ("decoder", trained[::-1])):
            self.networks[part].set_weights(
                [array for layer in ordered for array in layer.networks[part].get_weights()]
            )

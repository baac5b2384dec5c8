"""Principal component analysis as a model: weights from scikit-learn, evaluated like any other."""

import tensorflow as tf

from aelab import linear
from aelab.autoencoder import Autoencoder
from aelab.networks import layers


class Architecture(Autoencoder):
    """A linear encoder and decoder; reconstructions are clipped to [0, 1]."""

    def __init__(self, entry):
        super().__init__(entry)
        self.networks = {
            "encoder": layers([entry["code_size"]], ["linear"], 784, "encoder"),
            "decoder": layers([784], ["linear"], entry["code_size"], "decoder"),
        }

    def fit(self, images):
        """Set the weights from the principal components of images (n, 784) in [0, 1]."""
        mean, components = linear.principal_components(images, self.entry["code_size"])
        self.networks["encoder"].set_weights([components.T, -mean @ components.T])
        self.networks["decoder"].set_weights([components, mean])

    def decoded(self, codes):
        return tf.clip_by_value(super().decoded(codes), 0.0, 1.0)

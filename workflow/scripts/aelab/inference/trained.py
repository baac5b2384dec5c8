"""Trained models in NumPy, as their weight files describe them."""

from types import MappingProxyType

import numpy as np

from aelab.data.datasets import unit
from aelab.inference import layers


class Model:
    """An encoder and a decoder on flat images (n, pixels) with pixels in [0, 1], or as uint8."""

    learns = "images"

    def __init__(self, description, arrays, own):
        self.description, self.arrays, self.own = description, arrays, own
        planes = any(layer["layer"].startswith("Conv") for each in self.networks.values() for layer in each)
        self.batch_size = 20 if planes else 1000  # what keeps the values between two layers in the cache

    @property
    def networks(self):
        """Lists of layers by name."""
        return self.description["networks"]

    @property
    def parameters(self):
        """Number of trained numbers."""
        return int(sum(self.arrays[name].size for name in self.description["trained"]))

    @property
    def code_size(self):
        """Numbers in a code."""
        return self.encode(np.zeros((1, self.description["input_size"]), np.float32)).shape[1]

    def encode(self, images):
        """Codes (n, k), float32."""
        return self.through("encoder", images)

    def decode(self, codes):
        """Images (n, pixels) of codes (n, k), float32."""
        return layers.ACTIVATIONS[self.description["output"]](self.through("decoder", codes))

    def reconstruct(self, images):
        """Reconstructions (n, pixels) of images, float32; of a variational model, through the mean."""
        return self.decode(self.encode(images))

    def through(self, network, values):
        """What a network makes of values (n, d), a batch at a time."""
        parts = []
        for start in range(0, len(values), self.batch_size):
            part = np.asarray(values[start : start + self.batch_size])
            part = unit(part) if part.dtype == np.uint8 else part.astype(np.float32, copy=False)
            parts.append(layers.apply(part, self.networks[network], self.arrays, self.own))
        return np.concatenate(parts)


class Variational(Model):
    """A Gaussian posterior with diagonal covariance, a standard normal prior, Bernoulli pixels (Kingma, Welling 2014).

    The encoder gives means and spreads side by side (n, 2k), the decoder logits. The code of an image is its
    posterior's mean.
    """

    def statistics(self, images):
        """Mean (n, k) and log standard deviation (n, k) of each image's posterior."""
        mean, spread = np.split(self.through("encoder", images), 2, axis=1)
        return mean, np.float32(self.description["log_sigma_of_spread"]) * spread

    def logits(self, codes):
        """Logits of the pixels (n, pixels)."""
        return self.through("decoder", codes)

    def encode(self, images):
        return self.statistics(images)[0]


class Classifier(Model):
    """Networks one after the other that end in logits; the code of an image is the probabilities of the classes."""

    learns = "labels"

    def encode(self, images):
        for network in self.networks:
            images = self.through(network, images)
        return layers.softmax(images)


FAMILIES = {"autoencoder": Model, "variational": Variational, "classifier": Classifier}


def of(description, arrays, own=MappingProxyType({})):
    """Return the model of a description.

    Parameters
    ----------
    description : dict
        What the weight file says about it (`aelab.files.weights`).
    arrays : dict of np.ndarray
        Its weights by name.
    own : mapping of callable
        Functions of layers and activations that `aelab.inference.layers` does not have, by their names in the
        description (`aelab.kinds.models`).
    """
    return FAMILIES[description["family"]](description, arrays, own)

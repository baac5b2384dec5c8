"""Apply trained models with NumPy, as their weight files describe them."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from aelab.data.datasets import unit
from aelab.inference import layers


class Model:
    """A trained model with an encoder and a decoder. Images are flat (n, pixels): float32 in [0, 1], or uint8.

    Parameters
    ----------
    description : dict
        The description in the weight file (`aelab.files.weights`).
    arrays : dict of str to np.ndarray
        The weights by name.

    Attributes
    ----------
    learns : {"images", "labels"}
        What the model was trained on.
    batch_size : int
        How many images are processed at once, so few that the values between two layers fit into the cache.
    """

    learns = "images"

    def __init__(
        self,
        description: dict[str, Any],
        arrays: dict[str, np.ndarray],
        own: Mapping[str, Callable] = MappingProxyType({}),
    ) -> None:
        self.description, self.arrays, self.own = description, arrays, own
        planes = any(layer["layer"].startswith("Conv") for each in self.networks.values() for layer in each)
        self.batch_size = 20 if planes else 1000

    @property
    def networks(self) -> dict[str, list[dict[str, Any]]]:
        """The layers of each network, by its name."""
        return self.description["networks"]

    @property
    def parameters(self) -> int:
        """How many numbers were trained."""
        return int(sum(self.arrays[name].size for name in self.description["trained"]))

    @property
    def code_size(self) -> int:
        """How many numbers a code has."""
        return self.encode(np.zeros((1, self.description["input_size"]), np.float32)).shape[1]

    def encode(self, images: np.ndarray) -> np.ndarray:
        """Return the codes (n, k) of images (n, pixels), float32."""
        return self.through("encoder", images)

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """Return the images (n, pixels) of codes (n, k), float32."""
        return layers.ACTIVATIONS[self.description["output"]](self.through("decoder", codes))

    def reconstruct(self, images: np.ndarray) -> np.ndarray:
        """Return the reconstructions (n, pixels) of images (n, pixels), float32; variational models decode the mean."""
        return self.decode(self.encode(images))

    def through(self, network: str, values: np.ndarray) -> np.ndarray:
        """Apply one network to values (n, d), batch by batch.

        Parameters
        ----------
        network : str
            The name of the network.
        values : np.ndarray, shape (n, d)
            Images or codes; uint8 is converted to float32 in [0, 1].

        Returns
        -------
        np.ndarray
            float32, with n rows.
        """
        parts = []
        for start in range(0, len(values), self.batch_size):
            part = np.asarray(values[start : start + self.batch_size])
            part = unit(part) if part.dtype == np.uint8 else part.astype(np.float32, copy=False)
            parts.append(layers.apply(part, self.networks[network], self.arrays, self.own))
        return np.concatenate(parts)


class Variational(Model):
    """A variational autoencoder. The code of an image is the mean of its posterior.

    The posterior is Gaussian with a diagonal covariance, the prior is standard normal, and pixels are Bernoulli
    variables. The encoder returns means and spreads side by side (n, 2k), the decoder logits.

    References
    ----------
    Kingma and Welling (2014), Auto-encoding variational Bayes.
    """

    def statistics(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return means (n, k) and log standard deviations (n, k) of the posteriors of images."""
        mean, spread = np.split(self.through("encoder", images), 2, axis=1)
        return mean, np.float32(self.description["log_sigma_of_spread"]) * spread

    def logits(self, codes: np.ndarray) -> np.ndarray:
        """Return the logits of the pixels (n, pixels) for codes (n, k)."""
        return self.through("decoder", codes)

    def encode(self, images: np.ndarray) -> np.ndarray:
        """Return the means of the posteriors (n, k) of images."""
        return self.statistics(images)[0]


class Classifier(Model):
    """Networks that are applied one after another and end in logits. A code holds the probabilities of the classes."""

    learns = "labels"

    def encode(self, images: np.ndarray) -> np.ndarray:
        """Return the probabilities of the classes (n, classes) for images (n, pixels)."""
        for network in self.networks:
            images = self.through(network, images)
        return layers.softmax(images)


FAMILIES = {"autoencoder": Model, "variational": Variational, "classifier": Classifier}


def of(
    description: dict[str, Any], arrays: dict[str, np.ndarray], own: Mapping[str, Callable] = MappingProxyType({})
) -> Model:
    """Return the model of a description.

    Parameters
    ----------
    description : dict
        What the weight file says about it (`aelab.files.weights`).
    arrays : dict of str to np.ndarray
        Its weights by name.
    own : mapping of str to callable
        Functions of layers and activations that `aelab.inference.layers` does not have, by their names in the
        description (`aelab.kinds.models`).
    """
    return FAMILIES[description["family"]](description, arrays, own)

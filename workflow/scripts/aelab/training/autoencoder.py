"""The base class of models while they are trained and differentiated in TensorFlow.

Trained models are applied with NumPy (`aelab.inference.trained`).
"""

from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from aelab.errors import LabError
from aelab.files import weights
from aelab.training import losses
from aelab.training.networks import described, name_in


class Autoencoder:
    """An encoder and a decoder for flat images (n, pixels) with pixels in [0, 1].

    Parameters
    ----------
    entry : dict
        The model's entry as `aelab.plan.plan.Plan.entry` returns it.

    Attributes
    ----------
    networks : dict of str to keras.Model
        The networks by name, here `encoder` and `decoder`. A kind of model may have more or others.
    family : str
        How the trained model is applied, a key of `aelab.inference.trained.FAMILIES`.
    output : str
        The activation after the decoder, a key of `aelab.inference.layers.ACTIVATIONS`.
    """

    family = "autoencoder"
    output = "linear"

    def __init__(self, entry: dict[str, Any]) -> None:
        self.entry = entry
        self.networks = {}

    @property
    def variables(self) -> list[keras.Variable]:
        """The variables that are trained, in a fixed order."""
        return [variable for network in self.networks.values() for variable in network.trainable_variables]

    @property
    def named(self) -> dict[str, keras.Variable]:
        """The trainable variables of all networks by name, `network/layer/variable`."""
        return {
            f"{name}/{variable.path.removeprefix(f'{name}/')}": variable
            for name, network in self.networks.items()
            for variable in network.trainable_variables
        }

    @property
    def description(self) -> dict[str, Any]:
        """The description of the model for its weight file (`aelab.files.weights`)."""
        named = self.named
        return {
            "family": self.family,
            "networks": {name: described(network, named) for name, network in self.networks.items()},
            "output": self.output,
            "trained": [name_in(named, variable) for variable in self.variables],
            "input_size": next(iter(self.networks.values())).input_shape[1],
        }

    def save(self, path: str | Path) -> None:
        """Write the weight file."""
        weights.write(path, self.description, {name: variable.numpy() for name, variable in self.named.items()})

    def load(self, path: str | Path, partly: bool = False) -> "Autoencoder":
        """Set the weights to those in a weight file.

        Parameters
        ----------
        path : str or Path
            The weight file.
        partly : bool
            Whether the file and the model may each have weights that the other lacks. At least one must be in both.

        Returns
        -------
        Autoencoder
            The model itself.

        Raises
        ------
        LabError
            If the file is damaged or holds the weights of another architecture.
        """
        (_, arrays), variables = weights.read(path), self.named
        common = [name for name in variables if name in arrays]
        if partly and not common or not partly and set(arrays) != set(variables):
            raise LabError(
                f"{path} holds weights of another architecture: {', '.join(sorted(arrays)) or 'none'} "
                f"instead of {', '.join(sorted(variables))}. Delete it and start the workflow again."
            )
        for name in common:
            if arrays[name].shape != tuple(variables[name].shape):
                raise LabError(
                    f"{path}: {name} has the shape {arrays[name].shape}, the model wants "
                    f"{tuple(variables[name].shape)}. Delete it and start the workflow again."
                )
            variables[name].assign(arrays[name])
        return self

    def code(self, inputs: tf.Tensor) -> tf.Tensor:
        """Return the codes (n, k) of images (n, pixels)."""
        return self.networks["encoder"](inputs)

    def decoded(self, codes: tf.Tensor) -> tf.Tensor:
        """Return the images (n, pixels) of codes (n, k)."""
        return self.networks["decoder"](codes)

    def loss(self, inputs: tf.Tensor, targets: tf.Tensor, seed: tf.Tensor, training: bool) -> tf.Tensor:
        """Return the loss of a batch.

        Parameters
        ----------
        inputs : tf.Tensor, shape (n, d)
            What the model encodes.
        targets : tf.Tensor
            What its outputs are compared with: (n, d), or labels (n,) for classifiers.
        seed : tf.Tensor, shape (2,)
            An int32 seed, for models that draw samples.
        training : bool
            Whether the model is being trained.

        Returns
        -------
        tf.Tensor
            A scalar, in the unit of the loss that the entry names (`aelab.training.losses`).
        """
        outputs = self.decoded(self.code(inputs))
        return losses.BY_NAME[self.entry["loss"]](targets, tf.cast(outputs, tf.float32))

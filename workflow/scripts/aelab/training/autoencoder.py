"""What every kind of model can do while it is trained and differentiated; `inference.trained` is what it is after."""

import tensorflow as tf

from aelab.errors import LabError
from aelab.files import weights
from aelab.training import losses
from aelab.training.networks import described, name_in


class Autoencoder:
    """An encoder and a decoder on flat images (n, pixels) with pixels in [0, 1].

    `networks` maps names to Keras models; a kind may hold more or others. `family` and `output`, the activation
    after the decoder, go into the weight file.
    """

    family = "autoencoder"
    output = "linear"

    def __init__(self, entry):
        self.entry = entry
        self.networks = {}

    @property
    def variables(self):
        """Trainable variables, in a fixed order."""
        return [variable for network in self.networks.values() for variable in network.trainable_variables]

    @property
    def named(self):
        """The trainable variables of all networks by name, `network/layer/variable`."""
        return {
            f"{name}/{variable.path.removeprefix(f'{name}/')}": variable
            for name, network in self.networks.items()
            for variable in network.trainable_variables
        }

    @property
    def description(self):
        """What a weight file says of the model (`aelab.files.weights`)."""
        named = self.named
        return {
            "family": self.family,
            "networks": {name: described(network, named) for name, network in self.networks.items()},
            "output": self.output,
            "trained": [name_in(named, variable) for variable in self.variables],
            "input_size": next(iter(self.networks.values())).input_shape[1],
        }

    def save(self, path):
        """Write the weight file."""
        weights.write(path, self.description, {name: variable.numpy() for name, variable in self.named.items()})

    def load(self, path, partly=False):
        """Set the weights from a weight file; returns the model.

        With `partly`, weights that only one side has are left as they are, but some must fit. Raises
        `LabError` where the file is damaged or belongs to another architecture.
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

    def code(self, inputs):
        """Codes (n, k) of a batch, as a tensor."""
        return self.networks["encoder"](inputs)

    def decoded(self, codes):
        """Images (n, pixels) of a batch of codes, as a tensor."""
        return self.networks["decoder"](codes)

    def loss(self, inputs, targets, seed, training):
        """Loss of a batch, a scalar; `seed` (two int32) is for kinds that draw samples."""
        outputs = self.decoded(self.code(inputs))
        return losses.BY_NAME[self.entry["loss"]](targets, tf.cast(outputs, tf.float32))

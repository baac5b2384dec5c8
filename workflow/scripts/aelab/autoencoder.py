"""What every kind of model can do."""

import numpy as np
import tensorflow as tf

from aelab import losses


class Autoencoder:
    """An encoder and a decoder on flat images (n, 784) with pixels in [0, 1].

    `networks` maps names to Keras models; a kind may hold more or others. `compiled` says whether
    XLA may compile the training on a CPU: it makes dense networks faster and convolutions slower.
    """

    compiled = True
    learns = "images"

    def __init__(self, entry):
        self.entry = entry
        self.networks = {}

    @property
    def variables(self):
        """Trainable variables, in a fixed order."""
        return [variable for network in self.networks.values() for variable in network.trainable_variables]

    @property
    def parameters(self):
        """Number of trained numbers."""
        return int(sum(np.prod(variable.shape) for variable in self.variables))

    def code(self, inputs):
        """Codes (n, k) of a batch, as a tensor."""
        return self.networks["encoder"](inputs)

    def decoded(self, codes):
        """Images (n, 784) of a batch of codes, as a tensor."""
        return self.networks["decoder"](codes)

    def reconstructed(self, inputs):
        """Reconstructions (n, 784) of a batch, as a tensor; of a variational model, through the mean."""
        return self.decoded(self.code(inputs))

    def loss(self, inputs, targets, seed, training):
        """Loss of a batch, a scalar; `seed` (two int32) is for kinds that draw samples."""
        outputs = self.decoded(self.code(inputs))
        return losses.BY_NAME[self.entry["loss"]](targets, tf.cast(outputs, tf.float32))

    def encode(self, images, batch_size=1000):
        """Codes of many images, float32 (n, k)."""
        return self._batched(self.code, images, batch_size)

    def decode(self, codes, batch_size=1000):
        """Images of many codes, float32 (n, 784)."""
        return self._batched(self.decoded, codes, batch_size)

    def reconstruct(self, images, batch_size=1000):
        """Reconstructions of many images, float32 (n, 784)."""
        return self._batched(self.reconstructed, images, batch_size)

    def _batched(self, function, values, batch_size):
        if not hasattr(self, "_graphs"):
            self._graphs = {}
        width = values.shape[1]
        key = (function.__name__, width)
        if key not in self._graphs:
            signature = [tf.TensorSpec((None, width), tf.float32)]
            self._graphs[key] = tf.function(function, input_signature=signature)
        graph = self._graphs[key]
        batches = []
        for start in range(0, len(values), batch_size):
            batch = np.asarray(values[start : start + batch_size])
            if batch.dtype == np.uint8:
                batch = batch.astype(np.float32) / np.float32(255)
            batches.append(tf.cast(graph(batch.astype(np.float32, copy=False)), tf.float32).numpy())
        return np.concatenate(batches)

    def measure(self, images, labels, generator):
        """What else the kind calls for: a dict of numbers measured on test images (n, 784) in [0, 1]."""
        return {}

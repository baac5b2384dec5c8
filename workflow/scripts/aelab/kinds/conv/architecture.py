"""A convolutional autoencoder with a dense code: strided convolutions down, transposed ones back."""

import keras
import tensorflow as tf

from aelab.training import losses
from aelab.training.autoencoder import Autoencoder


class Architecture(Autoencoder):
    """28 x 28 -> 13 x 13 -> 6 x 6 -> a dense code without activation -> 7 x 7 -> 14 x 14 -> 28 x 28.

    Two 3 x 3 convolutions of stride 2 without padding; the decoder mirrors their filters with padding
    and ends in one more transposed convolution of stride 1.
    """

    def __init__(self, entry):
        super().__init__(entry)
        outer, inner = entry["filters"]
        activation, code_size = entry["activation"], entry["code_size"]
        convolution, transposed = keras.layers.Conv2D, keras.layers.Conv2DTranspose
        padded = {"padding": "same"}
        self.networks = {
            "encoder": keras.Sequential(
                [
                    keras.Input((784,)),
                    keras.layers.Reshape((28, 28, 1), name="pixels"),
                    convolution(outer, 3, 2, activation=activation, name="convolution_1"),
                    convolution(inner, 3, 2, activation=activation, name="convolution_2"),
                    keras.layers.Flatten(name="flat"),
                    keras.layers.Dense(code_size, name="code"),
                ],
                name="encoder",
            ),
            "decoder": keras.Sequential(
                [
                    keras.Input((code_size,)),
                    keras.layers.Dense(7 * 7 * outer, activation=activation, name="dense"),
                    keras.layers.Reshape((7, 7, outer), name="planes"),
                    transposed(inner, 3, 2, activation=activation, name="transposed_1", **padded),
                    transposed(outer, 3, 2, activation=activation, name="transposed_2", **padded),
                    transposed(1, 3, 1, name="transposed_3", **padded),
                    keras.layers.Flatten(name="pixels"),
                ],
                name="decoder",
            ),
        }
        self.output = entry["output"]

    def decoded(self, codes):
        return keras.activations.get(self.output)(tf.cast(super().decoded(codes), tf.float32))

    def loss(self, inputs, targets, seed, training):
        if self.entry["loss"] != "cross_entropy":
            return super().loss(inputs, targets, seed, training)
        logits = self.networks["decoder"](self.code(inputs))
        return losses.cross_entropy_of_logits(targets, tf.cast(logits, tf.float32))

"""A convolutional autoencoder with a dense code: strided convolutions, then transposed ones."""

from typing import Any

import keras
import tensorflow as tf

from aelab.training import losses
from aelab.training.autoencoder import Autoencoder
from aelab.training.networks import cropping


class Architecture(Autoencoder):
    """Two 3x3 convolutions of stride 2 without padding, and a dense code without activation.

    The decoder starts with a quarter of the image's rows and columns, rounded up. Two padded transposed convolutions of
    stride 2 and one of stride 1 follow. What exceeds the image because of the rounding is cropped.

    Parameters
    ----------
    entry : dict
        The model's entry as `aelab.plan.plan.Plan.entry` returns it.
    """

    def __init__(self, entry: dict[str, Any]) -> None:
        super().__init__(entry)
        outer, inner = entry["filters"]
        activation, code_size = entry["activation"], entry["code_size"]
        convolution, transposed = keras.layers.Conv2D, keras.layers.Conv2DTranspose
        padded = {"padding": "same"}
        rows, columns = entry["image_shape"]
        height, width = -(-rows // 4), -(-columns // 4)
        self.networks = {
            "encoder": keras.Sequential(
                [
                    keras.Input((rows * columns,)),
                    keras.layers.Reshape((rows, columns, 1), name="pixels"),
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
                    keras.layers.Dense(height * width * outer, activation=activation, name="dense"),
                    keras.layers.Reshape((height, width, outer), name="planes"),
                    transposed(inner, 3, 2, activation=activation, name="transposed_1", **padded),
                    transposed(outer, 3, 2, activation=activation, name="transposed_2", **padded),
                    transposed(1, 3, 1, name="transposed_3", **padded),
                    *cropping((4 * height, 4 * width), (rows, columns)),
                    keras.layers.Flatten(name="pixels"),
                ],
                name="decoder",
            ),
        }
        self.output = entry["output"]

    def decoded(self, codes: tf.Tensor) -> tf.Tensor:
        """Return the images (n, pixels) of codes (n, code_size), after the activation of the output."""
        return keras.activations.get(self.output)(tf.cast(super().decoded(codes), tf.float32))

    def loss(self, inputs: tf.Tensor, targets: tf.Tensor, seed: tf.Tensor, training: bool) -> tf.Tensor:
        """Return the loss of a batch.

        Cross-entropy is computed from logits, which is more accurate than from the sigmoid's output.

        Parameters
        ----------
        inputs : tf.Tensor, shape (n, pixels)
            Flat images.
        targets : tf.Tensor, shape (n, pixels)
            The images to reconstruct.
        seed : tf.Tensor
            Not used: nothing is drawn at random.
        training : bool
            Whether the model is being trained.

        Returns
        -------
        tf.Tensor
            A scalar.
        """
        if self.entry["loss"] != "cross_entropy":
            return super().loss(inputs, targets, seed, training)
        logits = self.networks["decoder"](self.code(inputs))
        return losses.cross_entropy_of_logits(targets, tf.cast(logits, tf.float32))

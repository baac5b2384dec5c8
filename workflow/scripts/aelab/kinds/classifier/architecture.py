"""A convolutional classifier after LeCun et al. (1998), with the layers that are usual today."""

from typing import Any

import keras
import tensorflow as tf

from aelab.training.autoencoder import Autoencoder


class Architecture(Autoencoder):
    """Convolutions with pooling, then dense layers and softmax. The code consists of the probabilities of the classes.

    Parameters
    ----------
    entry : dict
        The model's entry as `aelab.plan.plan.Plan.entry` returns it.

    References
    ----------
    LeCun, Bottou, Bengio and Haffner (1998), Gradient-based learning applied to document recognition.
    """

    family = "classifier"

    def __init__(self, entry: dict[str, Any]) -> None:
        super().__init__(entry)
        self.networks = self.build(entry)

    def build(self, entry: dict[str, Any]) -> dict[str, keras.Model]:
        """Build the networks of an entry, by name."""
        rows, columns = entry["image_shape"]
        stack = [keras.Input((rows * columns,)), keras.layers.Reshape((rows, columns, 1), name="pixels")]
        for n, filters in enumerate(entry["filters"], 1):
            stack.append(keras.layers.Conv2D(filters, 3, padding="same", activation="relu", name=f"convolution_{n}"))
            stack.append(keras.layers.MaxPooling2D(2, name=f"pooling_{n}"))
        stack.append(keras.layers.Flatten(name="flat"))
        if entry["units"]:
            stack.append(keras.layers.Dense(entry["units"], activation="relu", name="hidden"))
        stack.append(keras.layers.Dense(entry["classes"], name="logits"))
        return {"classifier": keras.Sequential(stack, name="classifier")}

    def logits(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Return the logits of the classes.

        Parameters
        ----------
        inputs : tf.Tensor, shape (n, pixels)
            Flat images.
        training : bool
            Whether the model is being trained.

        Returns
        -------
        tf.Tensor, shape (n, classes)
        """
        return tf.cast(self.networks["classifier"](inputs, training=training), tf.float32)

    def code(self, inputs: tf.Tensor) -> tf.Tensor:
        """Return the probabilities of the classes (n, classes) for flat images (n, pixels)."""
        return tf.nn.softmax(self.logits(inputs))

    def loss(self, inputs: tf.Tensor, targets: tf.Tensor, seed: tf.Tensor, training: bool) -> tf.Tensor:
        """Return the cross-entropy of the labels, mean over the batch, in nats.

        Parameters
        ----------
        inputs : tf.Tensor, shape (n, pixels)
            Flat images.
        targets : tf.Tensor, shape (n,)
            The numbers of their classes.
        seed : tf.Tensor
            Not used: nothing is drawn at random.
        training : bool
            Whether the model is being trained.

        Returns
        -------
        tf.Tensor
            A scalar.
        """
        logits = self.logits(inputs, training)
        return tf.reduce_mean(
            tf.nn.sparse_softmax_cross_entropy_with_logits(labels=tf.cast(targets, tf.int32), logits=logits)
        )

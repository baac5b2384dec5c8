"""A convolutional classifier (LeCun et al. 1998, in today's layers)."""

import keras
import tensorflow as tf

from aelab.training.autoencoder import Autoencoder


class Architecture(Autoencoder):
    """Convolutions with pooling, then dense layers and softmax; its code is the probabilities of the classes."""

    family = "classifier"

    def __init__(self, entry):
        super().__init__(entry)
        self.networks = self.build(entry)

    def build(self, entry):
        """The networks of an entry, by name."""
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

    def logits(self, inputs, training=False):
        """Logits of the classes (n, classes)."""
        return tf.cast(self.networks["classifier"](inputs, training=training), tf.float32)

    def code(self, inputs):
        """Probabilities of the classes (n, classes)."""
        return tf.nn.softmax(self.logits(inputs))

    def loss(self, inputs, targets, seed, training):
        """Cross-entropy of the labels `targets` (n,), mean over the batch, in nats."""
        logits = self.logits(inputs, training)
        return tf.reduce_mean(
            tf.nn.sparse_softmax_cross_entropy_with_logits(labels=tf.cast(targets, tf.int32), logits=logits)
        )

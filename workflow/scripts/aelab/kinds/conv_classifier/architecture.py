"""The encoder of a `conv_plane` model made a classifier: its last block gives way to a dense layer and softmax."""

import keras

from aelab.kinds.classifier import architecture as classifier
from aelab.kinds.conv_plane import architecture as conv_plane


class Architecture(classifier.Architecture):
    """Convolutional blocks, then flatten and one dense layer; its code is the probabilities of the classes.

    The blocks bear the names of the encoder's, so that `starts_from` loads them. `frozen` leaves them
    as they were loaded and trains the dense layer alone.
    """

    def build(self, entry):
        blocks = keras.Sequential(conv_plane.blocks(entry), name="encoder")
        head = [
            keras.Input(blocks.output_shape[1:]),
            keras.layers.Flatten(name="flat"),
            keras.layers.Dense(entry["classes"], dtype="float32", name="logits"),
        ]
        return {"encoder": blocks, "classifier": keras.Sequential(head, name="classifier")}

    def logits(self, inputs, training=False):
        return super().logits(self.networks["encoder"](inputs, training=training), training)

    @property
    def variables(self):
        """Variables that are trained: of the dense layer alone where the encoder is frozen."""
        return self.networks["classifier"].trainable_variables if self.entry["frozen"] else super().variables

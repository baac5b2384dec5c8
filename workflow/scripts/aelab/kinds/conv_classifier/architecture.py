"""A classifier built from the encoder of a `conv_plane` model, whose last block is replaced by a dense layer."""

from typing import Any

import keras
import tensorflow as tf

from aelab.kinds.classifier import architecture as classifier
from aelab.kinds.conv_plane import architecture as conv_plane


class Architecture(classifier.Architecture):
    """Convolutional blocks, then one dense layer and softmax. The code consists of the probabilities of the classes.

    The blocks have the same names as those of the encoder, so that `starts_from` can load their weights. With `frozen`,
    these weights stay as they were loaded, and only the dense layer is trained.

    Parameters
    ----------
    entry : dict
        The model's entry as `aelab.plan.plan.Plan.entry` returns it.
    """

    def build(self, entry: dict[str, Any]) -> dict[str, keras.Model]:
        """Build the networks `encoder`, which ends in maps, and `classifier`, which ends in logits."""
        blocks = keras.Sequential(conv_plane.blocks(entry), name="encoder")
        head = [
            keras.Input(blocks.output_shape[1:]),
            keras.layers.Flatten(name="flat"),
            keras.layers.Dense(entry["classes"], dtype="float32", name="logits"),
        ]
        return {"encoder": blocks, "classifier": keras.Sequential(head, name="classifier")}

    def logits(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Return the logits of the classes (n, classes) for flat images (n, pixels)."""
        return super().logits(self.networks["encoder"](inputs, training=training), training)

    @property
    def variables(self) -> list[keras.Variable]:
        """The variables that are trained: those of the dense layer alone if the encoder is frozen."""
        return self.networks["classifier"].trainable_variables if self.entry["frozen"] else super().variables

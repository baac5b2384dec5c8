"""A classifier built from the encoder of a dense model, with one dense layer after the code."""

import math
from typing import Any

import keras
import tensorflow as tf

from aelab.kinds.classifier import architecture as classifier
from aelab.training.networks import layers


class Architecture(classifier.Architecture):
    """Dense layers, then one more and softmax. The code consists of the probabilities of the classes.

    The layers have the names of those of a dense encoder, so that `starts_from` can load their weights. All weights
    are trained.

    Parameters
    ----------
    entry : dict
        The model's entry as `aelab.plan.plan.Plan.entry` returns it.

    References
    ----------
    Vincent, Larochelle, Lajoie, Bengio and Manzagol (2010), Stacked denoising autoencoders, section 3.4: a logistic
    regression layer on top of the encoder, and gradient descent on the parameters of all layers.
    """

    def build(self, entry: dict[str, Any]) -> dict[str, keras.Model]:
        """Build the networks `encoder`, which ends in a code, and `classifier`, which ends in logits."""
        widths, activations = entry["encoder"]["widths"], entry["encoder"]["activations"]
        encoder = layers(widths, activations, math.prod(entry["image_shape"]), "encoder")
        head = [keras.Input((widths[-1],)), keras.layers.Dense(entry["classes"], name="logits")]
        return {"encoder": encoder, "classifier": keras.Sequential(head, name="classifier")}

    def logits(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Return the logits of the classes (n, classes) for flat images (n, pixels)."""
        return super().logits(self.networks["encoder"](inputs, training=training), training)

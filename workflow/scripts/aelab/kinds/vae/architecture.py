"""Fully connected variational autoencoders (Kingma and Welling 2014)."""

import math
from typing import Any

import tensorflow as tf

from aelab.training import losses
from aelab.training.networks import layers
from aelab.training.variational import VariationalAutoencoder


class Architecture(VariationalAutoencoder):
    """A dense encoder to means and log variances, and a dense decoder to logits.

    Parameters
    ----------
    entry : dict
        The model's entry as `aelab.plan.plan.Plan.entry` returns it.

    References
    ----------
    Kingma and Welling (2014), Auto-encoding variational Bayes.
    """

    log_sigma_of_spread = 0.5

    def __init__(self, entry: dict[str, Any]) -> None:
        super().__init__(entry)
        encoder, decoder, code_size = entry["encoder"], entry["decoder"], entry["code_size"]
        pixels = math.prod(entry["image_shape"])
        self.networks = {
            "encoder": layers(
                [*encoder["widths"], 2 * code_size],
                [*encoder["activations"], "linear"],
                pixels,
                "encoder",
                heads=2 if entry.get("heads") == "separate" else 1,
            ),
            "decoder": layers([*decoder["widths"], pixels], [*decoder["activations"], "linear"], code_size, "decoder"),
        }

    def misfit(self, targets: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        """Return the cross-entropy summed over pixels, mean over the batch, in nats, with `log_epsilon` of the entry.

        Parameters
        ----------
        targets : tf.Tensor, shape (n, pixels)
            Images.
        logits : tf.Tensor, shape (n, pixels)
            Logits of the pixels.

        Returns
        -------
        tf.Tensor
            A scalar.
        """
        epsilon = self.entry.get("log_epsilon", 0)
        if not epsilon:
            return super().misfit(targets, logits)
        return losses.cross_entropy_with_epsilon(targets, logits, epsilon)

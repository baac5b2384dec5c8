"""Fully connected variational autoencoders (Kingma and Welling 2014)."""

import math
from typing import Any

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
                [*encoder["widths"], 2 * code_size], [*encoder["activations"], "linear"], pixels, "encoder"
            ),
            "decoder": layers([*decoder["widths"], pixels], [*decoder["activations"], "linear"], code_size, "decoder"),
        }

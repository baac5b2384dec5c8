"""Fully connected autoencoders (Hinton and Salakhutdinov 2006; Vincent et al. 2010)."""

import math
from typing import Any

import tensorflow as tf

from aelab.training.autoencoder import Autoencoder
from aelab.training.networks import layers


class Architecture(Autoencoder):
    """A dense encoder and a dense decoder with the widths and activations of the entry.

    Parameters
    ----------
    entry : dict
        The model's entry as `aelab.plan.plan.Plan.entry` returns it.

    References
    ----------
    Hinton and Salakhutdinov (2006), Reducing the dimensionality of data with neural networks.
    Vincent, Larochelle, Lajoie, Bengio and Manzagol (2010), Stacked denoising autoencoders.
    """

    def __init__(self, entry: dict[str, Any]) -> None:
        super().__init__(entry)
        parts = entry["encoder"], entry["decoder"]
        (widths, activations), (out_widths, out_activations) = ((p["widths"], p["activations"]) for p in parts)
        initial, inputs = entry.get("initial_weights", "glorot"), entry.get("input_size")
        inputs = inputs or math.prod(entry["image_shape"])
        encoder = layers(widths, activations, inputs, "encoder", initial=initial)
        tied_to = encoder if entry.get("tied") else None
        decoder = layers(out_widths, out_activations, widths[-1], "decoder", tied_to, initial)
        self.networks = {"encoder": encoder, "decoder": decoder}

    def loss(self, inputs: tf.Tensor, targets: tf.Tensor, seed: tf.Tensor, training: bool) -> tf.Tensor:
        """Return the loss of a batch, the contractive penalty included.

        Parameters
        ----------
        inputs : tf.Tensor, shape (n, pixels)
            Flat images, or codes of another model.
        targets : tf.Tensor, shape (n, pixels)
            What to reconstruct.
        seed : tf.Tensor, shape (2,)
            The seed of the random projections in the penalty.
        training : bool
            Whether the model is being trained.

        Returns
        -------
        tf.Tensor
            A scalar.
        """
        loss = super().loss(inputs, targets, seed, training)
        weight = self.entry.get("contractive_weight", 0)
        return loss + weight * self.contractive_penalty(inputs, seed) if weight else loss

    def contractive_penalty(self, inputs: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """Return the squared Frobenius norm of the encoder's Jacobian, mean over the batch.

        For an encoder of one sigmoid or ReLU layer, it is computed in closed form, sum_j h'_j^2 ||W_j||^2. For all
        others, it is estimated with one random projection per image: E ||v'J||^2 with v from N(0, I) is unbiased.

        Parameters
        ----------
        inputs : tf.Tensor, shape (n, pixels)
            The inputs of the encoder.
        seed : tf.Tensor, shape (2,)
            The seed of the random projections.

        Returns
        -------
        tf.Tensor
            A scalar.

        References
        ----------
        Rifai, Vincent, Muller, Glorot and Bengio (2011), Contractive auto-encoders: explicit invariance during feature
        extraction.
        """
        encoder = self.networks["encoder"]
        activation = self.entry["encoder"]["activations"][0]
        if len(encoder.layers) == 1 and activation in ("sigmoid", "relu"):
            codes = encoder(inputs)
            slopes = codes * (1 - codes) if activation == "sigmoid" else tf.cast(codes > 0, codes.dtype)
            norms = tf.reduce_sum(tf.square(encoder.layers[0].kernel), axis=0)
            return tf.reduce_mean(tf.linalg.matvec(tf.square(slopes), norms))
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            codes = encoder(inputs)
            projection = tf.reduce_sum(codes * tf.random.stateless_normal(tf.shape(codes), seed))
        return tf.reduce_mean(tf.reduce_sum(tf.square(tape.gradient(projection, inputs)), axis=1))

"""Fully connected autoencoders (Hinton and Salakhutdinov 2006; Vincent et al. 2010)."""

import math

import tensorflow as tf

from aelab.training.autoencoder import Autoencoder
from aelab.training.networks import layers


class Architecture(Autoencoder):
    """Dense encoder and decoder of the entry's widths and activations."""

    def __init__(self, entry):
        super().__init__(entry)
        parts = entry["encoder"], entry["decoder"]
        (widths, activations), (out_widths, out_activations) = ((p["widths"], p["activations"]) for p in parts)
        encoder = layers(widths, activations, entry.get("input_size") or math.prod(entry["image_shape"]), "encoder")
        tied_to = encoder if entry.get("tied") else None
        decoder = layers(out_widths, out_activations, widths[-1], "decoder", tied_to)
        self.networks = {"encoder": encoder, "decoder": decoder}

    def loss(self, inputs, targets, seed, training):
        loss = super().loss(inputs, targets, seed, training)
        weight = self.entry.get("contractive_weight", 0)
        return loss + weight * self.contractive_penalty(inputs, seed) if weight else loss

    def contractive_penalty(self, inputs, seed):
        """Squared Frobenius norm of the encoder's Jacobian, mean over the batch (Rifai et al. 2011).

        One sigmoid or ReLU layer: the closed form sum_j h'_j^2 ||W_j||^2. Deeper encoders: one
        random projection an image, E ||v'J||^2 over v from N(0, I), which is unbiased.
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

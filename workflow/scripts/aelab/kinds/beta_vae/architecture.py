"""Fully connected variational autoencoders whose divergence has a weight, on grey or on binary images."""

import tensorflow as tf

from aelab.data import binarisation
from aelab.kinds.vae import architecture
from aelab.training import losses


class Architecture(architecture.Architecture):
    """The networks of the kind `vae`, trained with beta times the divergence.

    With `pixels: drawn`, every image of every batch is made binary anew: a pixel is 1 with the probability that is its
    grey value. With `pixels: fixed`, the same image is always made the same binary image.

    Parameters
    ----------
    entry : dict
        The model's entry as `aelab.plan.plan.Plan.entry` returns it.

    References
    ----------
    Higgins et al. (2017), beta-VAE: learning basic visual concepts with a constrained variational framework.
    Alemi et al. (2018), Fixing a broken ELBO.
    """

    def loss(self, inputs: tf.Tensor, targets: tf.Tensor, seed: tf.Tensor, training: bool) -> tf.Tensor:
        """Return `misfit` plus beta times KL(q(z|x) || N(0, I)), averaged over the batch.

        Parameters
        ----------
        inputs, targets : tf.Tensor, shape (n, pixels)
            Flat images, the same ones unless inputs are corrupted.
        seed : tf.Tensor, shape (2,)
            An int32 seed for the samples of the posterior and of the pixels.
        training : bool
            Not used: training and evaluation have the same loss.

        Returns
        -------
        tf.Tensor
            A scalar, in nats; the negative ELBO if beta is 1.
        """
        if self.entry["pixels"] != "grey":
            inputs = targets = self.binary(targets, seed)
        mean, log_sigma = self.statistics(inputs)
        logits = self.logits(self.drawn(mean, log_sigma, seed))
        return self.misfit(targets, logits) + self.entry["beta"] * losses.kl(mean, log_sigma)

    def binary(self, images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """Return binary images (n, pixels), as float32, drawn by a seed or by what the images show."""
        if self.entry["pixels"] == "drawn":
            thresholds = tf.random.stateless_uniform(tf.shape(images), tf.random.fold_in(seed, 1))
        else:
            thresholds = thresholds_of(images)
        return tf.cast(thresholds < images, tf.float32)


def thresholds_of(images: tf.Tensor) -> tf.Tensor:
    """Return the numbers in [0, 1) that `aelab.data.binarisation.thresholds` computes for images.

    Parameters
    ----------
    images : tf.Tensor, shape (n, pixels)
        Grey values, multiples of 1/255.

    Returns
    -------
    tf.Tensor, shape (n, pixels)
        float32, the same bits.
    """
    weights, marks = (tf.constant(each) for each in binarisation.constants(images.shape[1]))
    values = tf.cast(tf.cast(tf.round(images * 255), tf.int32), tf.uint32)
    mixed = tf.bitwise.bitwise_xor(tf.reduce_sum(values * weights, axis=1)[:, None], marks)
    for shift, factor in binarisation.MIXING:
        mixed = tf.bitwise.bitwise_xor(mixed, tf.bitwise.right_shift(mixed, tf.constant(shift, tf.uint32)))
        mixed *= tf.constant(factor, tf.uint32)
    mixed = tf.bitwise.bitwise_xor(mixed, tf.bitwise.right_shift(mixed, tf.constant(binarisation.LAST, tf.uint32)))
    kept = tf.bitwise.right_shift(mixed, tf.constant(32 - binarisation.BITS, tf.uint32))
    return tf.cast(tf.cast(kept, tf.int32), tf.float32) * 2.0**-binarisation.BITS

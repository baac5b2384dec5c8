"""Fully connected denoisers for noise of an unknown amount (blind denoising; Zhang et al. 2017)."""

import tensorflow as tf

from aelab.kinds.dense import architecture as dense
from aelab.training import losses


class Architecture(dense.Architecture):
    """A dense autoencoder that sees every image with Gaussian noise of an amount of its own.

    The amount is drawn uniformly from the entry's `amounts`, anew for each image and each update. Images whose loss is
    watched get the same amounts and the same noise in every epoch.

    Parameters
    ----------
    entry : dict
        The model's entry as `aelab.plan.plan.Plan.entry` returns it.

    References
    ----------
    Zhang, Zuo, Chen, Meng and Zhang (2017), Beyond a Gaussian denoiser: residual learning of deep CNN for image
    denoising.
    """

    def loss(self, inputs: tf.Tensor, targets: tf.Tensor, seed: tf.Tensor, training: bool) -> tf.Tensor:
        """Return the loss of a batch of clean images, which are made noisy here.

        Parameters
        ----------
        inputs : tf.Tensor, shape (n, pixels)
            Flat images in [0, 1].
        targets : tf.Tensor, shape (n, pixels)
            What to reconstruct: the same images.
        seed : tf.Tensor, shape (2,)
            The seed of amounts and noise.
        training : bool
            Whether the model is being trained.

        Returns
        -------
        tf.Tensor
            A scalar.
        """
        outputs = self.decoded(self.code(self.noisy(inputs, seed)))
        return losses.BY_NAME[self.entry["loss"]](targets, tf.cast(outputs, tf.float32))

    def noisy(self, images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """Return noisy copies of images (n, pixels); `seed` (2,) is that of amounts and noise."""
        of_amounts, of_noise = tf.unstack(tf.random.split(seed, 2))
        low, high = self.entry["amounts"]
        amounts = tf.random.stateless_uniform((tf.shape(images)[0], 1), of_amounts, low, high)
        return images + amounts * tf.random.stateless_normal(tf.shape(images), of_noise)

"""The base class of variational autoencoders."""

from typing import Any

import tensorflow as tf

from aelab.training import losses
from aelab.training.autoencoder import Autoencoder


class VariationalAutoencoder(Autoencoder):
    """An autoencoder with a Gaussian posterior of diagonal covariance, a standard normal prior and Bernoulli pixels.

    The network `encoder` returns the mean (n, k) and the spread (n, k) of the posteriors side by side, the network
    `decoder` logits (n, pixels). The code of an image is the mean of its posterior.

    Attributes
    ----------
    log_sigma_of_spread : float
        What a spread is multiplied by to give a log standard deviation: 1 if the spread is one, 1/2 if it is a log
        variance.

    References
    ----------
    Kingma and Welling (2014), Auto-encoding variational Bayes.
    Rezende, Mohamed and Wierstra (2014), Stochastic backpropagation and approximate inference in deep generative
    models.
    """

    family = "variational"
    output = "sigmoid"
    log_sigma_of_spread = 1.0

    @property
    def description(self) -> dict[str, Any]:
        """The description of the model for its weight file (`aelab.files.weights`)."""
        return {**super().description, "log_sigma_of_spread": self.log_sigma_of_spread}

    def statistics(self, inputs: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Return means (n, k) and log standard deviations (n, k) of the posteriors of images (n, pixels)."""
        mean, spread = tf.split(tf.cast(self.networks["encoder"](inputs), tf.float32), 2, axis=1)
        return mean, self.log_sigma_of_spread * spread

    def logits(self, codes: tf.Tensor) -> tf.Tensor:
        """Return the logits of the pixels (n, pixels) for codes (n, k)."""
        return tf.cast(self.networks["decoder"](codes), tf.float32)

    def code(self, inputs: tf.Tensor) -> tf.Tensor:
        """Return the means of the posteriors (n, k) of images (n, pixels)."""
        return self.statistics(inputs)[0]

    def decoded(self, codes: tf.Tensor) -> tf.Tensor:
        """Return the probabilities of the pixels (n, pixels) for codes (n, k)."""
        return tf.sigmoid(self.logits(codes))

    def loss(self, inputs: tf.Tensor, targets: tf.Tensor, seed: tf.Tensor, training: bool) -> tf.Tensor:
        """Return `misfit` plus KL(q(z|x) || N(0, I)), averaged over the batch; one sample of the posterior per image.

        Parameters
        ----------
        inputs : tf.Tensor, shape (n, pixels)
            Flat images.
        targets : tf.Tensor, shape (n, pixels)
            The images to reconstruct.
        seed : tf.Tensor, shape (2,)
            An int32 seed for the samples.
        training : bool
            Not used: training and evaluation have the same loss.

        Returns
        -------
        tf.Tensor
            A scalar, in nats.

        Notes
        -----
        Mean and spread are each used twice and no more, for the reason in `aelab.training.losses`.
        """
        mean, log_sigma = self.statistics(inputs)
        logits = self.logits(self.drawn(mean, log_sigma, seed))
        return self.misfit(targets, logits) + losses.kl(mean, log_sigma)

    def misfit(self, targets: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        """Return how badly logits (n, pixels) fit images, mean over the batch: cross-entropy over pixels, in nats.

        With it, the loss is the negative ELBO.
        """
        return losses.cross_entropy_of_logits(targets, logits)

    def drawn(self, mean: tf.Tensor, log_sigma: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """Draw one code (n, k) from each posterior: mean + noise * sigma."""
        return mean + tf.random.stateless_normal(tf.shape(mean), seed) * tf.exp(log_sigma)

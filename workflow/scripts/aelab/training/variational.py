"""What variational autoencoders share (Kingma and Welling 2014; Rezende, Mohamed and Wierstra 2014)."""

import tensorflow as tf

from aelab.training import losses
from aelab.training.autoencoder import Autoencoder


class VariationalAutoencoder(Autoencoder):
    """A Gaussian posterior with diagonal covariance, a standard normal prior, Bernoulli pixels.

    The network `encoder` gives the mean (n, k) and the spread (n, k) of each code's posterior side by
    side. `log_sigma_of_spread` says what a spread is: 1 for log standard deviations, 1/2 for log
    variances. The network `decoder` gives logits (n, pixels). The code of an image is its posterior's mean.
    """

    family = "variational"
    output = "sigmoid"
    log_sigma_of_spread = 1.0

    @property
    def description(self):
        return {**super().description, "log_sigma_of_spread": self.log_sigma_of_spread}

    def statistics(self, inputs):
        """Mean (n, k) and log standard deviation (n, k) of each posterior, as tensors."""
        mean, spread = tf.split(tf.cast(self.networks["encoder"](inputs), tf.float32), 2, axis=1)
        return mean, self.log_sigma_of_spread * spread

    def logits(self, codes):
        """Logits of the pixels (n, pixels) of a batch of codes, as a tensor."""
        return tf.cast(self.networks["decoder"](codes), tf.float32)

    def code(self, inputs):
        """Means of the posteriors (n, k)."""
        return self.statistics(inputs)[0]

    def decoded(self, codes):
        """Probabilities of the pixels (n, pixels)."""
        return tf.sigmoid(self.logits(codes))

    def loss(self, inputs, targets, seed, training):
        """`misfit` plus KL(q(z|x) || N(0, I)), mean over the batch.

        One sample of the posterior an image. Mean and spread are read twice, and no more: see `aelab.training.losses`.
        """
        mean, log_sigma = self.statistics(inputs)
        logits = self.logits(self.drawn(mean, log_sigma, seed))
        return self.misfit(targets, logits) + losses.kl(mean, log_sigma)

    def misfit(self, targets, logits):
        """How badly logits (n, pixels) fit images, mean over the batch: cross-entropy summed over pixels, in nats.

        With it, the loss is the negative ELBO.
        """
        return losses.cross_entropy_of_logits(targets, logits)

    def drawn(self, mean, log_sigma, seed):
        """One code (n, k) from each posterior: mean + noise * sigma."""
        return mean + tf.random.stateless_normal(tf.shape(mean), seed) * tf.exp(log_sigma)

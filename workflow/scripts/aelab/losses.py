"""Losses of reconstructions, means over a batch. Shapes (n, d); pixels in [0, 1].

TensorFlow adds up three or more gradients of a tensor in an order that depends on which of them is free first, and with
it the last bit of the sum. So no loss reads a tensor so often.
"""

import tensorflow as tf


def mse(targets, outputs):
    """Mean squared error over components and batch."""
    return tf.reduce_mean(tf.square(targets - outputs))


def rmse(targets, outputs):
    """Root of the mean squared error over components and batch."""
    return tf.sqrt(mse(targets, outputs) + 1e-12)


def cross_entropy(targets, outputs, epsilon=1e-7):
    """Bernoulli cross-entropy of grey pixels, summed over pixels, mean over the batch, in nats."""
    p = tf.clip_by_value(outputs, epsilon, 1 - epsilon)
    terms = targets * tf.math.log(p) + (1 - targets) * tf.math.log1p(-p)
    return -tf.reduce_mean(tf.reduce_sum(terms, axis=1))


@tf.custom_gradient
def cross_entropy_of_logits(targets, logits):
    """`cross_entropy` of sigmoid(logits), without rounding at 0 and 1; its gradient is one formula, not four terms."""
    p = tf.sigmoid(logits)

    def gradient(upstream):
        return None, (p - targets) * (upstream / tf.cast(tf.shape(logits)[0], logits.dtype))

    # The last term is log(1 + exp(-|x|)): the more probable of a pixel's two values has at least 1/2.
    terms = tf.nn.relu(logits) - logits * targets - tf.math.log(tf.maximum(p, 1 - p))
    return tf.reduce_mean(tf.reduce_sum(terms, axis=1)), gradient


def kl_per_dimension(mean, log_sigma):
    """KL(N(mean, sigma^2) || N(0, 1)) of each dimension (n, k), in nats (Kingma and Welling 2014, appendix B)."""
    return -0.5 * (1 + 2 * log_sigma - tf.square(mean) - tf.exp(2 * log_sigma))


BY_NAME = {"mse": mse, "rmse": rmse, "cross_entropy": cross_entropy}

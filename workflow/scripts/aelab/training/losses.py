"""Losses of reconstructions, as means over a batch.

Targets and outputs have the shape (n, d), with pixels in [0, 1]. Losses are scalars.

TensorFlow adds up three or more gradients of one tensor in an order that depends on which of them is computed first,
and the last bit of the sum depends on that order. Therefore a loss uses no tensor three times, or it defines its
gradient as a single formula.
"""

from collections.abc import Callable

import tensorflow as tf


def mse(targets: tf.Tensor, outputs: tf.Tensor) -> tf.Tensor:
    """Return the mean squared error over components and batch."""
    return tf.reduce_mean(tf.square(outputs - targets))


def squared_error(targets: tf.Tensor, outputs: tf.Tensor) -> tf.Tensor:
    """Return the squared error summed over components, mean over the batch.

    Up to a constant, the negative log-likelihood of Gaussians with variance 1/2, in nats.
    """
    return tf.reduce_mean(tf.reduce_sum(tf.square(outputs - targets), axis=1))


def rmse(targets: tf.Tensor, outputs: tf.Tensor) -> tf.Tensor:
    """Return the root of the mean squared error over components and batch."""
    return tf.sqrt(mse(targets, outputs) + 1e-12)


def cross_entropy(targets: tf.Tensor, outputs: tf.Tensor, epsilon: float = 1e-7) -> tf.Tensor:
    """Return the Bernoulli cross-entropy of grey pixels, summed over pixels and averaged over the batch, in nats.

    Parameters
    ----------
    targets : tf.Tensor, shape (n, d)
        Pixels in [0, 1].
    outputs : tf.Tensor, shape (n, d)
        Probabilities, which are clipped to [epsilon, 1 - epsilon].
    epsilon : float
        See `outputs`.
    """
    p = tf.clip_by_value(outputs, epsilon, 1 - epsilon)
    terms = targets * tf.math.log(p) + (1 - targets) * tf.math.log1p(-p)
    return -tf.reduce_mean(tf.reduce_sum(terms, axis=1))


@tf.custom_gradient
def cross_entropy_of_logits(targets: tf.Tensor, logits: tf.Tensor) -> tuple[tf.Tensor, Callable]:
    """Return the `cross_entropy` of sigmoid(logits), without rounding at 0 and 1.

    The gradient with respect to the logits is one formula instead of four terms. Targets have no gradient.
    """
    p = tf.sigmoid(logits)

    def gradient(upstream: tf.Tensor) -> tuple[None, tf.Tensor]:
        return None, (p - targets) * (upstream / tf.cast(tf.shape(logits)[0], logits.dtype))

    # log(1 + exp(-|x|)) is the negative logarithm of the larger of p and 1 - p.
    terms = tf.reduce_sum(tf.nn.relu(logits) - logits * targets, axis=1) - sum_of_logs(tf.maximum(p, 1 - p))
    return tf.reduce_mean(terms), gradient


def cross_entropy_with_epsilon(targets: tf.Tensor, logits: tf.Tensor, epsilon: float) -> tf.Tensor:
    """Return the cross-entropy with a number added inside its logarithms, which then stay finite.

    -(x log(epsilon + p) + (1 - x) log(epsilon + 1 - p)) for p = sigmoid(logits). 1 - p is computed as sigmoid(-logits),
    so that epsilon counts there too; in float32, 1 + epsilon would be 1.

    Parameters
    ----------
    targets : tf.Tensor, shape (n, pixels)
        Images.
    logits : tf.Tensor, shape (n, pixels)
        Logits of the pixels.
    epsilon : float
        The number.

    Returns
    -------
    tf.Tensor
        A scalar: summed over pixels, mean over the batch, in nats.
    """

    @tf.custom_gradient
    def loss(logits: tf.Tensor) -> tuple[tf.Tensor, Callable]:
        p, q = tf.sigmoid(logits), tf.sigmoid(-logits)

        def gradient(upstream: tf.Tensor) -> tf.Tensor:
            slopes = (1 - targets) / (q + epsilon) - targets / (p + epsilon)
            return p * q * slopes * (upstream / tf.cast(tf.shape(logits)[0], logits.dtype))

        terms = targets * tf.math.log(p + epsilon) + (1 - targets) * tf.math.log(q + epsilon)
        return -tf.reduce_mean(tf.reduce_sum(terms, axis=1)), gradient

    return loss(logits)


def sum_of_logs(values: tf.Tensor) -> tf.Tensor:
    """Return the sums (n,) of the logarithms of numbers (n, d) in [1/2, 1].

    Logarithms are slow to compute. Therefore the numbers are first multiplied in groups of at most 120.
    """
    width = values.shape[1]
    part = max(n for n in range(1, 121) if width % n == 0)  # 2^-120 is still a normal float32
    products = tf.reduce_prod(tf.reshape(values, [-1, width // part, part]), axis=2)
    return tf.reduce_sum(tf.math.log(products), axis=1)


@tf.custom_gradient
def kl(mean: tf.Tensor, log_sigma: tf.Tensor) -> tuple[tf.Tensor, Callable]:
    """Return KL(N(mean, sigma^2) || N(0, 1)), summed over dimensions and averaged over the batch, in nats.

    Parameters
    ----------
    mean, log_sigma : tf.Tensor, shape (n, k)
        Means and log standard deviations of the posteriors.

    References
    ----------
    Kingma and Welling (2014), Auto-encoding variational Bayes, appendix B.
    """
    variance = tf.exp(2 * log_sigma)

    def gradient(upstream: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        share = upstream / tf.cast(tf.shape(mean)[0], mean.dtype)
        return mean * share, (variance - 1) * share

    terms = tf.square(mean) + variance - 1 - 2 * log_sigma
    return 0.5 * tf.reduce_mean(tf.reduce_sum(terms, axis=1)), gradient


BY_NAME = {"mse": mse, "rmse": rmse, "cross_entropy": cross_entropy}

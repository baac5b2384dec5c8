"""Keras models of the laboratory as NumPy applies them, and as they are told apart from others in spite of rounding."""

import numpy as np
import rounding
from rounding import FUNCTION, gamma

from aelab.inference import layers, trained


def in_numpy(architecture):
    """The model as it is now, without a file between."""
    return trained.of(architecture.description, {name: value.numpy() for name, value in architecture.named.items()})


def weighted(architecture, seed=3):
    """The model with weights drawn at random: about four of a sum, mostly positive, that add up to about one.

    Longer sums of both signs, as those of a fresh model, are small beside the bound on their rounding, the more so
    the more layers there are.
    """
    draw = np.random.default_rng(seed)
    for name, variable in architecture.named.items():
        if len(variable.shape) == 1:
            variable.assign(draw.uniform(-0.1, 0.2, variable.shape))
        else:
            terms = np.prod(variable.shape) / variable.shape[-2 if "transposed" in name else -1]
            kept = draw.random(variable.shape) < 4 / terms
            variable.assign(np.where(kept, draw.uniform(-1, 3, variable.shape) / min(4, terms), 0))
    return architecture


def negative_elbo(model, images, noise):
    """The loss of a variational model in float64, and how far it may lie from that in float32.

    Parameters
    ----------
    model : aelab.inference.trained.Variational
    images : ndarray of float, shape (n, d)
    noise : ndarray of float, shape (n, k)
        What the samples of the posteriors are drawn with.

    Returns
    -------
    loss, error : float
        Mean over the images, in nats.
    """
    statistics, error = rounding.of_network(model.networks["encoder"], model.arrays, images)
    (mean, spread), (of_mean, of_spread) = (np.split(each, 2, axis=1) for each in (statistics, error))
    log_sigma, of_log_sigma = (model.description["log_sigma_of_spread"] * each for each in (spread, of_spread))
    sigma = np.exp(log_sigma)
    of_drawn = np.abs(noise) * sigma * (np.expm1(of_log_sigma) + gamma(FUNCTION + 2))
    codes, of_codes = mean + noise * sigma, of_mean + of_drawn + gamma(1) * np.abs(mean)
    logits, of_logits = rounding.of_network(model.networks["decoder"], model.arrays, codes, of_codes)
    # Per pixel a logarithm of a sigmoid; no slope of the cross-entropy exceeds 1.
    cross_entropy = layers.softplus(logits) - images * logits
    of_pixels = of_logits + gamma(2 * FUNCTION)
    kl = 0.5 * (mean**2 + sigma**2 - 1 - 2 * log_sigma)
    of_kl = (np.abs(mean) + of_mean) * of_mean + (sigma**2 * np.exp(2 * of_log_sigma) + 1) * of_log_sigma
    sizes = (np.abs(logits) * (1 + images) + 1).sum(1) + (mean**2 + sigma**2 + 1 + 2 * np.abs(log_sigma)).sum(1)
    error = of_pixels.sum(1) + of_kl.sum(1) + gamma(images.shape[1] + 2 * FUNCTION) * sizes
    return (cross_entropy.sum(1) + kl.sum(1)).mean(), error.mean() + gamma(len(images)) * sizes.mean()

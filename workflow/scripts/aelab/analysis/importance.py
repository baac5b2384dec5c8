"""Importance-weighted bounds on the evidence of a model with Gaussian codes.

A sample z of the posterior q(z|x) has the weight w = p(x|z) p(z) / q(z|x). The mean of k weights estimates the evidence
p(x) without bias, so that the expectation of its logarithm, L_k, is a lower bound on log p(x). L_1 is the ELBO, and L_k
grows with k.

References
----------
Burda, Grosse and Salakhutdinov (2016), Importance weighted autoencoders.
"""

from collections.abc import Callable, Sequence

import numpy as np


def log_weights(
    log_likelihood: Callable[[np.ndarray], np.ndarray],
    mean: np.ndarray,
    log_sigma: np.ndarray,
    samples: int,
    draw: np.random.Generator,
    at_once: int = 500,
) -> np.ndarray:
    """Return the logarithms of the weights of samples of one image's posterior.

    Parameters
    ----------
    log_likelihood : callable
        A function from codes (n, k), float32, to log p(x|z) of the image (n,), in nats.
    mean, log_sigma : np.ndarray, shape (k,)
        Mean and log standard deviations of q(z|x); the prior p(z) is N(0, I).
    samples : int
        How many samples to draw.
    draw : np.random.Generator
        Source of the samples.
    at_once : int
        How many of them are decoded at once, so few that what they decode to fits into the cache.

    Returns
    -------
    np.ndarray, shape (samples,)
        float64, in nats.
    """
    mean, log_sigma = np.asarray(mean, np.float64), np.asarray(log_sigma, np.float64)
    found = np.empty(samples)
    for start in range(0, samples, at_once):
        rows = slice(start, min(start + at_once, samples))
        noise = draw.standard_normal((rows.stop - start, len(mean)))
        codes = mean + noise * np.exp(log_sigma)
        # log N(z; 0, I) - log N(z; mean, sigma^2), in which the constants cancel.
        ratio = 0.5 * (noise**2 - codes**2).sum(axis=1) + log_sigma.sum()
        found[rows] = log_likelihood(codes.astype(np.float32)) + ratio
    return found


def bounds(weights: np.ndarray, counts: Sequence[int]) -> np.ndarray:
    """Estimate L_k for several k from the same samples.

    The samples are divided into groups of k. Where each k is a multiple of the one before, a group consists of whole
    groups of that one; the estimates then never fall with k, by Jensen's inequality.

    Parameters
    ----------
    weights : np.ndarray, shape (..., samples)
        Logarithms of weights, in nats.
    counts : sequence of int
        The numbers k, divisors of the number of samples.

    Returns
    -------
    np.ndarray, shape (..., counts)
        Means over the groups, float64, in nats.
    """
    found = []
    for k in counts:
        groups = weights.reshape(*weights.shape[:-1], -1, k)
        largest = groups.max(axis=-1)
        means = largest + np.log(np.exp(groups - largest[..., None]).mean(axis=-1))
        found.append(means.mean(axis=-1))
    return np.stack(found, axis=-1)


def log_likelihood_of_binary(image: np.ndarray, logits: np.ndarray) -> np.ndarray:
    """Return the log-likelihood of a binary image under several decoders' outputs.

    Parameters
    ----------
    image : np.ndarray, shape (pixels,)
        Pixels that are 0 or 1.
    logits : np.ndarray, shape (n, pixels)
        float32.

    Returns
    -------
    np.ndarray, shape (n,)
        float64, in nats: the sum over pixels of x z - log(1 + exp(z)).

    Notes
    -----
    Logarithms are slow. 1 + exp(-abs(z)) lies between 1 and 2, so that products of 112 of them are far from
    overflowing, and one logarithm serves them all.
    """
    exponentials = np.abs(logits)
    np.negative(exponentials, out=exponentials)
    np.exp(exponentials, out=exponentials)
    exponentials += 1
    starts = np.arange(0, logits.shape[1], 112)
    products = np.multiply.reduceat(exponentials, starts, axis=1)
    linear = logits @ np.asarray(image, np.float32) - np.maximum(logits, 0).sum(axis=1)
    return linear.astype(np.float64) - np.log(products.astype(np.float64)).sum(axis=1)

"""Compute the Jacobians of encoders and decoders, one matrix per image, with TensorFlow."""

from collections.abc import Callable

import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike

from aelab.training.autoencoder import Autoencoder


def of_encoder(model: Autoencoder, pixels: int, batch_size: int = 100) -> Callable[[ArrayLike], np.ndarray]:
    """Return a function that computes the Jacobians of the encoder, in one backward pass per component of the code.

    Parameters
    ----------
    model : Autoencoder
        The model.
    pixels : int
        Number of pixels in an image.
    batch_size : int
        Number of images in a batch.

    Returns
    -------
    callable
        Takes images (n, pixels) and returns d code / d image (n, k, pixels), float32.
    """

    @tf.function(input_signature=[tf.TensorSpec((None, pixels), tf.float32)], autograph=False)
    def jacobian(inputs: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            codes = tf.cast(model.code(inputs), tf.float32)
        return tape.batch_jacobian(codes, inputs)

    return batched(jacobian, batch_size)


def of_decoder(
    model: Autoencoder, code_size: int, pixels: int, batch_size: int = 20
) -> Callable[[ArrayLike], np.ndarray]:
    """Return a function that computes the Jacobians of the decoder, in one backward pass per component of the code.

    Parameters
    ----------
    model : Autoencoder
        The model.
    code_size : int
        Number of components k of a code.
    pixels : int
        Number of pixels in an image.
    batch_size : int
        Number of codes in a batch.

    Returns
    -------
    callable
        Takes codes (n, k) and returns d image / d code (n, pixels, k), float32.

    Notes ----- Let J be the Jacobian, with one row per pixel. The gradient of u'image with respect to the code is J'u,
    which is linear in u. Its Jacobian with respect to u is therefore J', with only k rows, so that reverse mode needs k
    passes. Forward mode takes three times as long.
    """

    @tf.function(input_signature=[tf.TensorSpec((None, code_size), tf.float32)], autograph=False)
    def jacobian(codes: tf.Tensor) -> tf.Tensor:
        weights = tf.zeros((tf.shape(codes)[0], pixels))
        with tf.GradientTape() as outer:
            outer.watch(weights)
            with tf.GradientTape() as inner:
                inner.watch(codes)
                images = tf.cast(model.decoded(codes), tf.float32)
            gradients = inner.gradient(images, codes, output_gradients=weights)
        return tf.transpose(outer.batch_jacobian(gradients, weights), [0, 2, 1])

    return batched(jacobian, batch_size)


def batched(graph: Callable[[tf.Tensor], tf.Tensor], batch_size: int) -> Callable[[ArrayLike], np.ndarray]:
    """Return a function that applies a graph to batches of rows and concatenates the results.

    Parameters
    ----------
    graph : callable
        Takes and returns a tensor whose first axis is the batch.
    batch_size : int
        Number of rows in a batch.
    """

    def run(values: ArrayLike) -> np.ndarray:
        values = np.asarray(values, np.float32)
        parts = [values[start : start + batch_size] for start in range(0, len(values), batch_size)]
        return np.concatenate([graph(tf.constant(part)).numpy() for part in parts])

    return run

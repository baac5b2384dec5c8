"""Jacobians of encoders and decoders, image by image, in TensorFlow."""

import numpy as np
import tensorflow as tf


def of_encoder(model, pixels, batch_size=100):
    """A function from images (n, pixels) to d code / d image (n, k, pixels), float32; a pass a number of the code."""

    @tf.function(input_signature=[tf.TensorSpec((None, pixels), tf.float32)], autograph=False)
    def jacobian(inputs):
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            codes = tf.cast(model.code(inputs), tf.float32)
        return tape.batch_jacobian(codes, inputs)

    return batched(jacobian, batch_size)


def of_decoder(model, code_size, pixels, batch_size=20):
    """A function from codes (n, k) to d image / d code (n, pixels, k), float32; a pass a number of the code.

    The gradient of u'image with respect to the code is linear in u: its own Jacobian with respect to u, k passes
    in reverse mode, is the decoder's, which has pixels rows. Forward mode takes three times as long.
    """

    @tf.function(input_signature=[tf.TensorSpec((None, code_size), tf.float32)], autograph=False)
    def jacobian(codes):
        weights = tf.zeros((tf.shape(codes)[0], pixels))
        with tf.GradientTape() as outer:
            outer.watch(weights)
            with tf.GradientTape() as inner:
                inner.watch(codes)
                images = tf.cast(model.decoded(codes), tf.float32)
            gradients = inner.gradient(images, codes, output_gradients=weights)
        return tf.transpose(outer.batch_jacobian(gradients, weights), [0, 2, 1])

    return batched(jacobian, batch_size)


def batched(graph, batch_size):
    """A function that runs a graph on many rows, batch after batch."""

    def run(values):
        values = np.asarray(values, np.float32)
        parts = [values[start : start + batch_size] for start in range(0, len(values), batch_size)]
        return np.concatenate([graph(tf.constant(part)).numpy() for part in parts])

    return run

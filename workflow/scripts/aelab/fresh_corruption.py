"""Corruptions drawn anew inside a TensorFlow graph, the same distributions as `aelab.corruption`."""

import tensorflow as tf


def corrupt(images, settings, seed):
    """Corrupted copies of a batch, float32 of the same shape; `seed` is two int32 numbers."""
    kind, amount = settings["kind"], float(settings["amount"])
    shape = tf.shape(images)
    if kind == "gaussian":
        corrupted = images + amount * tf.random.stateless_normal(shape, seed)
    else:
        draw = tf.random.stateless_uniform(shape, seed)
        if kind == "masking":
            corrupted = tf.where(draw < amount, 0.0, images)
        elif kind == "salt_and_pepper":
            corrupted = tf.where(draw < amount / 2, 0.0, tf.where(draw < amount, 1.0, images))
        else:
            raise ValueError(f"no corruption of kind {kind!r}")
    return tf.clip_by_value(corrupted, 0.0, 1.0) if settings["clip"] else corrupted

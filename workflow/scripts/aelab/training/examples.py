"""What a training learns from."""

from dataclasses import dataclass

import numpy as np
import tensorflow as tf


@dataclass
class Examples:
    """Inputs and targets of a training.

    Parameters
    ----------
    inputs : np.ndarray, shape (n, d)
        uint8 pixels, or float32.
    targets : np.ndarray or None
        (n, d) like the inputs, or labels (n,); None if the targets are the inputs.
    """

    inputs: np.ndarray
    targets: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.inputs)

    def tensors(self) -> tuple[tf.Tensor, tf.Tensor]:
        """Return inputs and targets as tensors, which are the same object if the targets are the inputs."""
        inputs = tf.constant(self.inputs)
        return inputs, inputs if self.targets is None else tf.constant(self.targets)


def as_float(values: tf.Tensor) -> tf.Tensor:
    """Convert uint8 pixels to float32 in [0, 1]; leave labels and floats unchanged."""
    return tf.cast(values, tf.float32) / 255.0 if values.dtype == tf.uint8 and values.shape.rank > 1 else values

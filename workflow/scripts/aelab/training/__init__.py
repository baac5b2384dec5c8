"""Train models by gradient descent and differentiate them, with TensorFlow."""

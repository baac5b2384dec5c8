"""Training by gradients and differentiating, in TensorFlow."""

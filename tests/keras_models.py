"""Keras models of the laboratory as NumPy applies them."""

from aelab.inference import trained


def in_numpy(architecture):
    """The model as it is now, without a file between."""
    return trained.of(architecture.description, {name: value.numpy() for name, value in architecture.named.items()})

"""Weights as named arrays in an `.npz` file, checked against the model that they are loaded into."""

import numpy as np

from aelab import architectures
from aelab.atomic import write_arrays
from aelab.datasets import read_arrays
from aelab.errors import LabError


def named(architecture):
    """The trainable variables by name, `network/layer/variable`."""
    return {
        f"{name}/{variable.path.split('/', 1)[-1] if variable.path.startswith(name + '/') else variable.path}": variable
        for name, network in architecture.networks.items()
        for variable in network.trainable_variables
    }


def save(path, architecture):
    """Write all weights, float32."""
    write_arrays(path, {name: variable.numpy() for name, variable in named(architecture).items()})


def load(path, architecture, partly=False):
    """Set a model's weights from a file; returns the model.

    With `partly`, weights that only one side has are left as they are, but some must fit. Raises
    `LabError` where the file is damaged or belongs to another architecture.
    """
    arrays, variables = read_arrays(path), named(architecture)
    common = [name for name in variables if name in arrays]
    if partly and not common or not partly and set(arrays) != set(variables):
        raise LabError(
            f"{path} holds weights of another architecture: {', '.join(sorted(arrays)) or 'none'} "
            f"instead of {', '.join(sorted(variables))}. Delete it and start the workflow again."
        )
    for name in common:
        if arrays[name].shape != tuple(variables[name].shape):
            raise LabError(
                f"{path}: {name} has the shape {arrays[name].shape}, the model wants {tuple(variables[name].shape)}. "
                "Delete it and start the workflow again."
            )
        if not np.isfinite(arrays[name]).all():
            raise LabError(f"{path}: {name} is not finite. Delete it and start the workflow again.")
        variables[name].assign(arrays[name])
    return architecture


def trained(entry, path):
    """The model of an entry with its trained weights."""
    return load(path, architectures.create(entry))

"""The layer of k-sparse autoencoders that no other kind has, in NumPy."""

from typing import Any

import numpy as np


def Largest(values: np.ndarray, layer: dict[str, Any]) -> np.ndarray:
    """Keep the largest numbers of each row and set all others to zero, as the Keras layer of the same name does."""
    smallest = np.partition(values, -layer["kept"], axis=1)[:, -layer["kept"], None]
    return np.where(values >= smallest, values, np.float32(0))

"""Images as the models see them: float32 (n, pixels) in [0, 1], or uint8 where memory matters."""

import numpy as np

from aelab.data import idx
from aelab.errors import LabError
from aelab.files.arrays import read_arrays


def unit(images):
    """uint8 images as float32 in [0, 1]."""
    return np.asarray(images, np.float32) / np.float32(255)


def read_split(path):
    """Index arrays `train`, `validation` and, unless it is the part that training reads, `test` of a split."""
    arrays = read_arrays(path)
    missing = {"train", "validation"} - set(arrays)
    if missing:
        raise LabError(f"{path} is not a split: it has no {', '.join(sorted(missing))}. Delete it and start again.")
    return arrays


def read_labelled(images_path, labels_path):
    """uint8 images (n, pixels) and labels (n,) that belong together. Raises `LabError` where they do not."""
    images, labels = idx.read_images(images_path), idx.read_labels(labels_path)
    if len(images) != len(labels):
        raise LabError(f"{images_path} holds {len(images)} images and {labels_path} {len(labels)} labels.")
    return images, labels

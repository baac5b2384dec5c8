"""Images as models take them: flat, as float32 (n, pixels) in [0, 1], or as uint8 to save memory."""

from pathlib import Path

import numpy as np

from aelab.data import idx
from aelab.errors import LabError
from aelab.files.arrays import read_arrays


def unit(images: np.ndarray) -> np.ndarray:
    """Convert uint8 images to float32 in [0, 1]."""
    return np.asarray(images, np.float32) / np.float32(255)


def read_split(path: str | Path) -> dict[str, np.ndarray]:
    """Read the indices of a split.

    Parameters
    ----------
    path : str or Path
        An `.npz` file with the arrays that `aelab.data.splits.split` returns.

    Returns
    -------
    dict of str to np.ndarray
        Indices into the training images: `train` and `validation`. A complete split also has `test`, indices into the
        test images; the file that trainings read may lack it.

    Raises
    ------
    LabError
        If the file is missing, damaged or not a split.
    """
    arrays = read_arrays(path)
    missing = {"train", "validation"} - set(arrays)
    if missing:
        raise LabError(f"{path} is not a split: it has no {', '.join(sorted(missing))}. Delete it and start again.")
    return arrays


def read_labelled(images_path: str | Path, labels_path: str | Path) -> tuple[np.ndarray, np.ndarray]:
    """Read images and their labels.

    Parameters
    ----------
    images_path, labels_path : str or Path
        IDX files.

    Returns
    -------
    images : np.ndarray, shape (n, pixels)
        uint8, memory-mapped.
    labels : np.ndarray, shape (n,)
        uint8.

    Raises
    ------
    LabError
        If a file cannot be used (`aelab.data.idx`), or the numbers of images and labels differ.
    """
    images, labels = idx.read_images(images_path), idx.read_labels(labels_path)
    if len(images) != len(labels):
        raise LabError(f"{images_path} holds {len(images)} images and {labels_path} {len(labels)} labels.")
    return images, labels

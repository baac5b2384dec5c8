"""Read and write the IDX format: a magic number, the size of each dimension, then one byte per value.

Every data set is kept in this format. If the folder of a file also holds a description of the data set
(`aelab.data.files_of`), the file must have the digest that the description gives.

References
----------
LeCun, Cortes and Burges, The MNIST database of handwritten digits.
"""

import json
import mmap
import struct
from pathlib import Path

import numpy as np

from aelab.data.files_of import DESCRIPTION, difference
from aelab.errors import LabError

IMAGES_MAGIC, LABELS_MAGIC = 2051, 2049


def read_images(path: str | Path) -> np.ndarray:
    """Return the images in a file, memory-mapped.

    Parameters
    ----------
    path : str or Path
        An IDX file of images.

    Returns
    -------
    np.ndarray, shape (n, rows * columns)
        uint8.

    Raises
    ------
    LabError
        If the file is missing, incomplete, of another kind, or not the one in the description of its data set.
    """
    sizes, pixels = _read(path, IMAGES_MAGIC, 3)
    return pixels.reshape(sizes[0], sizes[1] * sizes[2])


def image_shape(path: str | Path) -> tuple[int, int]:
    """Return the number of rows and columns of the images in an IDX file.

    Raises
    ------
    LabError
        If it is not an IDX file of images, or incomplete.
    """
    (_, *shape), _ = _header(Path(path), IMAGES_MAGIC, 3)
    return tuple(shape)


def read_labels(path: str | Path, classes: int = 256) -> np.ndarray:
    """Return the labels in a file, memory-mapped.

    Parameters
    ----------
    path : str or Path
        An IDX file of labels.
    classes : int
        The number of classes; each label must be smaller.

    Returns
    -------
    np.ndarray, shape (n,)
        uint8.

    Raises
    ------
    LabError
        If a label is too large, or in the cases of `read_images`.
    """
    _, labels = _read(path, LABELS_MAGIC, 1)
    if len(labels) and labels.max() >= classes:
        raise LabError(f"{path} holds the label {labels.max()}; labels are numbers from 0 to {classes - 1}.")
    return labels


def of_images(images: np.ndarray) -> bytes:
    """Return the content of an IDX file of uint8 images (n, rows, columns)."""
    return struct.pack(">4I", IMAGES_MAGIC, *images.shape) + np.ascontiguousarray(images, np.uint8).tobytes()


def of_labels(labels: np.ndarray) -> bytes:
    """Return the content of an IDX file of labels (n,), which are below 256."""
    return struct.pack(">2I", LABELS_MAGIC, len(labels)) + np.asarray(labels, np.uint8).tobytes()


def _header(path: Path, magic: int, dimensions: int) -> tuple[tuple[int, ...], int]:
    """Return the size of each dimension as the header of a file gives it, and the size of the file in bytes.

    Raises
    ------
    LabError
        If the file is missing, is of another kind, or has another size than its header promises.
    """
    length = 4 + 4 * dimensions
    try:
        with path.open("rb") as file:
            header = file.read(length)
            size = path.stat().st_size
    except FileNotFoundError:
        raise LabError(f"{path} is missing. Start again: it will be fetched.") from None
    except (OSError, ValueError) as error:
        raise LabError(f"{path} could not be read: {error}.") from error
    if len(header) < length:
        raise LabError(f"{path} is only {size} bytes long: not an IDX file. {AGAIN}")
    found, *sizes = struct.unpack(f">{1 + dimensions}I", header)
    if found != magic:
        what = f"the magic number {found}"
        what = "the tag of an HTML page" if header.lstrip().startswith(b"<") else what
        what = "the bytes of a gzip file, not unpacked" if header.startswith(b"\x1f\x8b") else what
        raise LabError(f"{path} starts with {what}; an IDX file of this kind starts with {magic}. {AGAIN}")
    expected = length + int(np.prod(sizes, dtype=object))
    if size != expected:
        raise LabError(f"{path} has {size} bytes where its header promises {expected}. {AGAIN}")
    return tuple(sizes), size


def _read(path: str | Path, magic: int, dimensions: int) -> tuple[tuple[int, ...], np.ndarray]:
    """Return the size of each dimension, and the values as one flat array, memory-mapped."""
    path = Path(path)
    length = 4 + 4 * dimensions
    sizes, size = _header(path, magic, dimensions)
    if size == length:
        return sizes, np.zeros(0, np.uint8)
    try:
        with path.open("rb") as file:
            view = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        raise LabError(f"{path} could not be read: {error}.") from error
    expected = _described(path)
    reason = difference(expected, view) if expected else None
    if reason:
        raise LabError(f"{path} {reason}: it is not the file that was fetched. {AGAIN}")
    return sizes, np.frombuffer(view, np.uint8, offset=length)


def _described(path: Path) -> tuple[str, int] | None:
    """Return SHA-256 and size of a file from the description of its data set, or None if it has none."""
    try:
        return json.loads((path.parent / DESCRIPTION).read_text(encoding="utf-8"))["files"].get(path.name)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise LabError(f"{path.parent / DESCRIPTION} is damaged ({error!r}). {AGAIN}") from None


AGAIN = "Delete it and start again: it will be fetched anew."

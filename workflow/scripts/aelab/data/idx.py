"""The IDX format: a magic number, the sizes, then bytes. Every data set is kept in it.

A file beside which a description of its data set lies (`aelab.data.files_of`) must be the one that it describes.

Source of the format: LeCun, Cortes and Burges, The MNIST database of handwritten digits.
"""

import json
import mmap
import struct
from pathlib import Path

import numpy as np

from aelab.data.files_of import DESCRIPTION, difference
from aelab.errors import LabError

IMAGES_MAGIC, LABELS_MAGIC = 2051, 2049


def read_images(path):
    """Images of a file, memory-mapped.

    Parameters
    ----------
    path : path
        An IDX file of images.

    Returns
    -------
    ndarray of uint8, shape (n, rows * columns)

    Raises
    ------
    LabError
        Where the file is missing, incomplete, or not the one that its data set's description names.
    """
    sizes, pixels = _read(path, IMAGES_MAGIC, 3)
    return pixels.reshape(sizes[0], sizes[1] * sizes[2])


def image_shape(path):
    """Rows and columns of the images in an IDX file. Raises `LabError` where it is none."""
    (_, *shape), _ = _header(Path(path), IMAGES_MAGIC, 3)
    return tuple(shape)


def read_labels(path, classes=256):
    """Labels as uint8 of shape (n,), each less than `classes`. Raises `LabError` like `read_images`."""
    _, labels = _read(path, LABELS_MAGIC, 1)
    if len(labels) and labels.max() >= classes:
        raise LabError(f"{path} holds the label {labels.max()}; labels are numbers from 0 to {classes - 1}.")
    return labels


def of_images(images):
    """The bytes of an IDX file of images (n, rows, columns), uint8."""
    return struct.pack(">4I", IMAGES_MAGIC, *images.shape) + np.ascontiguousarray(images, np.uint8).tobytes()


def of_labels(labels):
    """The bytes of an IDX file of labels (n,)."""
    return struct.pack(">2I", LABELS_MAGIC, len(labels)) + np.asarray(labels, np.uint8).tobytes()


def _header(path, magic, dimensions):
    """The sizes that a file states, and its own size in bytes."""
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


def _read(path, magic, dimensions):
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


def _described(path):
    """Digest and size of a file by the description of its data set; None where there is none."""
    try:
        return json.loads((path.parent / DESCRIPTION).read_text(encoding="utf-8"))["files"].get(path.name)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise LabError(f"{path.parent / DESCRIPTION} is damaged ({error!r}). {AGAIN}") from None


AGAIN = "Delete it and start again: it will be fetched anew."

"""The IDX format of MNIST: a magic number, the sizes, then bytes. Files named as MNIST's must be MNIST's.

Source of the format: LeCun, Cortes and Burges, The MNIST database of handwritten digits.
"""

import mmap
import struct
from pathlib import Path

import numpy as np

from aelab.data.genuine import FILES, difference
from aelab.errors import LabError

IMAGES_MAGIC, LABELS_MAGIC = 2051, 2049


def read_images(path):
    """Images as uint8 of shape (n, 784), memory-mapped from the file.

    Raises `LabError` for anything that is not a complete IDX file of 28 x 28 images.
    """
    sizes, pixels = _read(path, IMAGES_MAGIC, 3)
    if sizes[1:] != (28, 28):
        raise LabError(f"{path} holds images of {sizes[1]} x {sizes[2]} pixels; 28 x 28 are expected.")
    return pixels.reshape(sizes[0], 784)


def read_labels(path):
    """Labels as uint8 of shape (n,), each 0 to 9. Raises `LabError` like `read_images`."""
    sizes, labels = _read(path, LABELS_MAGIC, 1)
    if len(labels) and labels.max() > 9:
        raise LabError(f"{path} holds the label {labels.max()}; labels are digits from 0 to 9.")
    return labels


def _read(path, magic, dimensions):
    path = Path(path)
    length = 4 + 4 * dimensions
    try:
        with path.open("rb") as file:
            header = file.read(length)
            size = path.stat().st_size
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
            if size == length:
                return tuple(sizes), np.zeros(0, np.uint8)
            view = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except FileNotFoundError:
        raise LabError(f"{path} is missing. Start again: it will be fetched.") from None
    except (OSError, ValueError) as error:
        raise LabError(f"{path} could not be read: {error}.") from error
    reason = difference(path.name, view) if path.name in FILES else None
    if reason:
        raise LabError(f"{path} {reason}: it is not MNIST's file of that name. {AGAIN}")
    return tuple(sizes), np.frombuffer(view, np.uint8, offset=length)


AGAIN = "Delete it and start again: it will be fetched anew."

"""Read arrays in NumPy's formats, checking headers against the size of the file and loading no pickled objects."""

import io
import math
import mmap
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from aelab.errors import LabError


def read_arrays(path: str | Path) -> dict[str, np.ndarray]:
    """Return all arrays of an `.npz` file by name.

    They must not be compressed (`aelab.files.atomic` writes them so), so that together they cannot be larger than the
    file.

    Raises
    ------
    LabError
        If the file is missing or damaged.
    """
    with _damage(path), zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        names = [member.filename.removesuffix(".npy") for member in members]
        if len(set(names)) < len(names):
            raise ValueError("an array is there twice")
        if any(member.compress_type != zipfile.ZIP_STORED for member in members):
            raise ValueError("an array is compressed")
        if sum(member.file_size for member in members) > os.path.getsize(path):
            raise ValueError("the arrays are larger than the file")
        return {name: parsed_array(archive.read(member)) for name, member in zip(names, members, strict=True)}


def read_array(path: str | Path, shape: tuple[int | None, ...] | None = None) -> np.ndarray:
    """Return the array in a `.npy` file, memory-mapped and read-only.

    Parameters
    ----------
    path : str or Path
        The file.
    shape : tuple of int or None, optional
        The shape that the array must have; None in place of a number allows any.

    Returns
    -------
    np.ndarray

    Raises
    ------
    LabError
        If the file is missing or damaged, or the array has another shape.
    """
    with _damage(path):
        with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
            found, order, dtype, offset = _header(view)
        array = np.memmap(path, dtype, "r", offset, found, order) if math.prod(found) else np.zeros(found, dtype)
    if shape is not None:
        fits = array.ndim == len(shape) and all(
            want in (None, have) for want, have in zip(shape, array.shape, strict=True)
        )
        if not fits:
            raise LabError(f"{path} has the shape {array.shape}; {shape} is expected. Delete it and start again.")
    return array


def parsed_array(content: bytes) -> np.ndarray:
    """Return the array in the bytes of a `.npy` file.

    Raises
    ------
    ValueError
        If the bytes are damaged or hold Python objects.
    """
    shape, order, dtype, offset = _header(content)
    return np.frombuffer(content, dtype, math.prod(shape), offset).reshape(shape, order=order).copy(order)


def _header(content: bytes | mmap.mmap) -> tuple[tuple[int, ...], str, np.dtype, int]:
    """Return shape, order (`C` or `F`), dtype and offset in bytes of an array in NumPy's format.

    Raises
    ------
    ValueError
        If the header is damaged, or promises another size than that of `content`.
    """
    file = io.BytesIO(content[:MOST_OF_A_HEADER])
    version = np.lib.format.read_magic(file)
    if version == (1, 0):
        shape, in_columns, dtype = np.lib.format.read_array_header_1_0(file)
    elif version == (2, 0):
        shape, in_columns, dtype = np.lib.format.read_array_header_2_0(file)
    else:
        raise ValueError(f"version {version} of NumPy's format")
    if dtype.hasobject or dtype.names or not dtype.itemsize:
        raise ValueError(f"{dtype} instead of numbers or text")
    expected = file.tell() + math.prod(shape) * dtype.itemsize
    if min(shape, default=0) < 0 or len(content) != expected:
        raise ValueError(f"{len(content)} bytes where the header promises {expected}")
    return shape, "F" if in_columns else "C", dtype, file.tell()


MOST_OF_A_HEADER = 10_000


@contextmanager
def _damage(path: str | Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise LabError(f"{path} is missing. Start the workflow again: it will be made anew.") from None
    except MemoryError:
        raise
    except Exception as error:  # NumPy and zipfile raise many kinds
        raise LabError(
            f"{path} is damaged ({type(error).__name__}: {error}). Delete it and start the workflow again."
        ) from error

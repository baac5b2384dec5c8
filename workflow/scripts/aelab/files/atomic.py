"""Write results: to a file with a temporary name, which is synced and then renamed.

A job writes nothing more once another run has replaced its own (`aelab.jobs.guards`). NumPy is imported only by the
functions that write arrays, because jobs that fetch data have the standard library alone.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from aelab.errors import LabError
from aelab.jobs import guards

if TYPE_CHECKING:
    import numpy as np


@contextmanager
def replacing(path: str | Path, mode: str = "wb", synced: bool = True) -> Iterator[IO]:
    """Open a temporary file, which becomes `path` when the block ends without an error.

    The temporary file is in the folder of `path`. No other process uses its name, so that two writers never share one.

    Parameters
    ----------
    path : str or Path
        The file to create or replace. Its folder is created if necessary.
    mode : {"wb", "w"}
        Bytes, or text in UTF-8 with line feeds.
    synced : bool
        Whether to force the file through to the disk. Otherwise it survives the end of the process, but possibly not a
        power cut.

    Yields
    ------
    file object
        The temporary file, open for writing.

    Raises
    ------
    LabError
        If the disk is full, the folder cannot be written to, or the run of this job has ended.
    """
    path = Path(path)
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
        text = {} if "b" in mode else {"encoding": "utf-8", "newline": "\n"}
        with os.fdopen(descriptor, mode, **text) as file:
            yield file
            file.flush()
            if synced:
                os.fsync(file.fileno())
        os.chmod(temporary, 0o666 & ~_umask())
        with guards.writing():
            os.replace(temporary, path)
        temporary = None
        if synced:
            _sync_folder(path.parent)
    except OSError as error:
        raise LabError(
            f"{path} could not be written: {error.strerror or error}. "
            "Make room on the disk, or allow writing to the folder, and start again."
        ) from error
    finally:
        if temporary and os.path.exists(temporary):
            os.unlink(temporary)


def _sync_folder(folder: Path) -> None:
    """Make sure that a rename in a folder survives a power cut, if the system can do that."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    except OSError:
        pass
    finally:
        os.close(descriptor)


def check_writable(folder: str | Path) -> None:
    """Check that files can be created in a folder, which is created if necessary.

    Raises
    ------
    LabError
        If they cannot.
    """
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=folder, prefix=".", suffix=".part")
        os.close(descriptor)
        os.unlink(name)
    except OSError as error:
        raise LabError(
            f"{Path(folder).resolve()} cannot be written to: {error.strerror}. Make room on the disk, or allow "
            "writing to the folder, and start again."
        ) from None


def check_room(folder: str | Path, size: int, what: object) -> None:
    """Check that a disk has enough room.

    Parameters
    ----------
    folder : str or Path
        A folder on the disk, which need not exist yet.
    size : int
        The number of bytes that are needed; `ROOM_LEFT` is added to it.
    what : object
        What needs the room, for the error message.

    Raises
    ------
    LabError
        If there is less room.
    """
    folder = Path(folder)
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    if free < size + ROOM_LEFT:
        raise LabError(
            f"{what} needs {megabytes(size + ROOM_LEFT)}; the disk of {folder.resolve()} has {megabytes(free)} left. "
            "Make room and start again."
        )


ROOM_LEFT = 2_000_000  # bytes, for logs and small tables


def megabytes(size: int) -> str:
    """Return a number of bytes as text in megabytes, rounded up to a tenth."""
    return f"{-(-size // 100_000) / 10:,.1f} MB"


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def write_text(path: str | Path, text: str) -> None:
    """Write text in UTF-8 with line feeds."""
    with replacing(path, "w") as file:
        file.write(text)


def write_json(path: str | Path, value: object) -> None:
    """Write JSON for people to read: indented by two spaces, keys in the given order, a line feed at the end."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def write_array(path: str | Path, array: np.ndarray) -> None:
    """Write one array as `.npy`, which can be memory-mapped.

    Raises
    ------
    LabError
        If the disk has too little room, or in the cases of `replacing`.
    """
    import numpy as np

    check_room(Path(path).parent, array.nbytes, path)
    with replacing(path) as file:
        np.save(file, array, allow_pickle=False)


def write_arrays(path: str | Path, arrays: Mapping[str, np.ndarray], synced: bool = True) -> None:
    """Write named arrays as `.npz`; the same arrays give the same bytes.

    Parameters
    ----------
    path : str or Path
        The file.
    arrays : mapping of str to np.ndarray
        The arrays by name.
    synced : bool
        As in `replacing`.
    """
    import numpy as np

    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    with replacing(path, synced=synced) as file:
        file.write(buffer.getbuffer())


def write_columns(path: str | Path, columns: Mapping[str, Iterable]) -> None:
    """Write columns of equal length as `write_table` does, but without pandas, which is slow to import.

    Parameters
    ----------
    path : str or Path
        The CSV file.
    columns : mapping of str to iterable
        The values of each column (numbers or text) by its name. NaN is written as an empty field.
    """

    def text(value: object) -> str:
        return "" if value != value else f"{value:.6g}" if isinstance(value, float) else str(value)

    rows = zip(*(list(map(text, map(_plain, values))) for values in columns.values()), strict=True)
    write_text(path, "".join(f"{','.join(row)}\n" for row in [tuple(columns), *rows]))


def _plain(value: object) -> object:
    return value.item() if hasattr(value, "item") else value


def write_table(path: str | Path, table: object, digits: int = 6) -> None:
    """Write a table as CSV, without its index.

    Parameters
    ----------
    path : str or Path
        The CSV file.
    table : pandas.DataFrame
        The table. Its type is not imported here, since jobs that fetch data have no pandas.
    digits : int
        The number of significant digits of floats.
    """
    with replacing(path, "w") as file:
        table.to_csv(file, index=False, float_format=f"%.{digits}g", lineterminator="\n")

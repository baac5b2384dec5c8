"""Every result is written here: under a temporary name, synced, then renamed.

A job of a run that another has replaced writes nothing any more (`aelab.jobs.runs`). NumPy is imported only
where arrays are written: fetching needs the standard library alone.
"""

import io
import json
import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

from aelab.errors import LabError
from aelab.jobs import runs


@contextmanager
def replacing(path, mode="wb", synced=True):
    """A file to write to that becomes `path` when the block ends without an error.

    The temporary file lies in the folder of `path` under a name that no other process has, so that
    two writers never share one. Not `synced`, it survives the end of the process and may not survive a
    power cut. Raises `LabError` where the disk is full or may not be written to.
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
        with runs.writing():
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


def _sync_folder(folder):
    """Make a rename in a folder last through a power cut, where the system can."""
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


def check_writable(folder):
    """Make the folder if need be. Raises `LabError` unless files can be made in it."""
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


def check_room(folder, size, what):
    """Raise `LabError` unless `folder` has room for `size` bytes and a little more."""
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


def megabytes(size):
    """A number of bytes in words, rounded up to a tenth of a megabyte."""
    return f"{-(-size // 100_000) / 10:,.1f} MB"


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def write_text(path, text):
    """Write UTF-8 text with line feeds."""
    with replacing(path, "w") as file:
        file.write(text)


def write_json(path, value):
    """Write JSON for people: two spaces, keys in the order given, a line feed at the end."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def write_array(path, array):
    """Write one array as `.npy`, which can be memory-mapped."""
    import numpy as np

    check_room(Path(path).parent, array.nbytes, path)
    with replacing(path) as file:
        np.save(file, array, allow_pickle=False)


def write_arrays(path, arrays, synced=True):
    """Write named arrays as `.npz`; the same arrays give the same bytes."""
    import numpy as np

    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    with replacing(path, synced=synced) as file:
        file.write(buffer.getbuffer())


def write_columns(path, columns):
    """Write columns of numbers by name as `write_table` does, without pandas, which takes a while to import."""

    def text(value):
        return "" if value != value else f"{value:.6g}" if isinstance(value, float) else str(value)

    rows = zip(*(list(map(text, map(_plain, values))) for values in columns.values()), strict=True)
    write_text(path, "".join(f"{','.join(row)}\n" for row in [tuple(columns), *rows]))


def _plain(value):
    return value.item() if hasattr(value, "item") else value


def write_table(path, table, digits=6):
    """Write a pandas table as CSV; floats with `digits` significant digits."""
    with replacing(path, "w") as file:
        table.to_csv(file, index=False, float_format=f"%.{digits}g", lineterminator="\n")

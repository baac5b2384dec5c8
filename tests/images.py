"""The four files of MNIST that the tests work with: a copy of their own, checked, never a run's."""

import os
import sys
from pathlib import Path

import environments
import small

sys.path.append(str(small.REPOSITORY / "workflow" / "scripts"))

from aelab.data import sources  # noqa: E402
from aelab.data.files_of import difference  # noqa: E402
from aelab.plan import datasets  # noqa: E402

# The default configuration's data set, and what its files hold.
((NAME, ENTRY),) = small.default()["datasets"].items()
FILES = datasets.known_kinds()[ENTRY["kind"]]["files"]

CACHE = small.REPOSITORY / ".cache"
# Where else the files may be, seen from where the tests are started.
ELSEWHERE = [
    Path(folder).absolute()
    for folder in (os.environ.get("MNIST_FOLDER"), small.REPOSITORY / "results/data/mnist")
    if folder
]


def mnist(cache=CACHE, elsewhere=ELSEWHERE):
    """A folder with the four genuine files, made once: copied where they are elsewhere, fetched otherwise."""
    folder = cache / "mnist"
    with environments.alone(cache / "mnist.lock"):
        if not all(is_genuine(folder / name) for name in FILES):
            folder.mkdir(exist_ok=True)
            for name, content in found(elsewhere).items():
                (folder / name).write_bytes(content)
    return folder


def is_genuine(path):
    """Whether a file is there and holds what its name promises."""
    return path.is_file() and not difference(FILES[path.name], path.read_bytes())


def found(folders):
    """The content of the files by name, from the first folder that has them or as the configuration says."""
    for folder in folders:
        try:
            return sources.from_folder(folder, FILES)
        except sources.SourceFailed:
            continue
    folder = ENTRY["folder"] and str(small.REPOSITORY / ENTRY["folder"])
    return sources.fetch(datasets.dataset(NAME, {**ENTRY, "folder": folder}).source, FILES)

"""The four files of MNIST that the tests work with: a copy of their own, checked, never a run's."""

import os
import sys
from pathlib import Path

import finished
import small

sys.path.append(str(small.REPOSITORY / "workflow" / "scripts"))

from aelab.data import genuine, sources  # noqa: E402

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
    with finished.alone(cache / "mnist.lock"):
        if not all(is_genuine(folder / name) for name in genuine.FILES):
            folder.mkdir(exist_ok=True)
            for name, content in found(elsewhere).items():
                (folder / name).write_bytes(content)
    return folder


def is_genuine(path):
    """Whether a file is there and holds what its name promises."""
    return path.is_file() and not genuine.difference(path.name, path.read_bytes())


def found(folders):
    """The content of the files by name, from the first folder that has them or as the configuration says."""
    for folder in folders:
        try:
            return sources.from_folder(folder)
        except sources.SourceFailed:
            continue
    data = small.default()["data"]
    return sources.fetch({**data, "folder": data["folder"] and str(small.REPOSITORY / data["folder"])})

"""The default configuration made small: every model and study of it, a few hundred real images, minutes.

`python tests/small.py FOLDER [MNIST]` writes FOLDER/config/config.yaml; MNIST is a folder with the IDX files.
"""

import copy
import sys
from pathlib import Path

import yaml

REPOSITORY = Path(__file__).resolve().parent.parent
TRAIN, VALIDATION, TEST = 600, 200, 300


def default():
    """The default configuration as written."""
    return yaml.safe_load((REPOSITORY / "config" / "config.yaml").read_text())


def shrunk(config, mnist=None):
    """A copy with few images, few epochs, small batches and one seed; structure and names are kept."""
    config = copy.deepcopy(config)
    (dataset,) = config["datasets"].values()
    dataset |= {"folder": None if mnist is None else str(mnist), "mirrors": [], "npm_package": None}
    for split in config["splits"].values():
        split.update(train=TRAIN, test=TEST, **({"validation": VALIDATION} if split.get("validation") else {}))
    for name, entry in config["models"].items():
        entry["seeds"] = entry.get("seeds", [1])[:1]
        if "epochs" in entry:
            entry["epochs"] = min(entry["epochs"], 6 if name == config["judge"] else 3)
            entry["batch_size"] = min(entry["batch_size"], 50)
            if entry.get("micro_batch"):
                entry["micro_batch"] = min(entry["micro_batch"], 20)
            if entry.get("updates"):
                entry["updates"] = min(entry["updates"], 10)
    return config


def fetched(folder):
    """A folder with the four files of the default configuration's data set, fetched where they are not there."""
    from aelab.data import sources
    from aelab.plan import datasets

    ((name, entry),) = default()["datasets"].items()
    dataset = datasets.dataset(name, entry)
    folder = Path(folder)
    if not all((folder / file).is_file() for file in dataset.pinned):
        folder.mkdir(parents=True, exist_ok=True)
        for file, content in sources.fetch(dataset.source, dataset.pinned).items():
            part = folder / f"{file}.part"
            part.write_bytes(content)
            part.replace(folder / file)
    return folder


def write(folder, mnist=None, change=lambda config: None):
    """Write a small configuration into FOLDER/config; `change` may edit it first."""
    config = shrunk(default(), mnist)
    change(config)
    path = Path(folder) / "config" / "config.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(config, sort_keys=False))
    return path


if __name__ == "__main__":
    print(write(*sys.argv[1:3]))

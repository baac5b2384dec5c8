"""The default configuration made small: every model and study of it, a few hundred real images, minutes.

`python tests/small.py FOLDER [MNIST]` writes FOLDER/config/config.yaml; MNIST is a folder with the IDX files.
"""

import copy
import sys
from pathlib import Path

import yaml

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY / "workflow" / "scripts"))

from aelab.plan import likes  # noqa: E402

TRAIN, VALIDATION, TEST = 600, 200, 300
HIGHEST_RATE = 0.01
# How much studies measure: enough that every shape is there.
MEASURED = {
    "tangents": {"images": 40},
    "interpolation": {"pairs": {"measured": 12}, "prior_samples": {"measured": 120}},
    "latent_plane": {"trustworthiness": {"images": 250}},
    "denoising": {
        "interpolation": {"pairs": 12, "references": 300},
        "walks": {"starts": 12, "starts_per_target": 3, "long_steps": 20},
    },
}


def written():
    """The default configuration as written."""
    return yaml.safe_load((REPOSITORY / "config" / "config.yaml").read_text())


def default():
    """The default configuration with every entry written out, so that each can be edited by itself."""
    return likes.resolve(written())


def shrunk(config, mnist=None):
    """A copy with few images, few epochs, small batches and one seed; structure and names are kept."""
    config = copy.deepcopy(config)
    (dataset,) = config["datasets"].values()
    dataset |= {"folder": None if mnist is None else str(mnist), "mirrors": [], "npm_package": None}
    for split in config["splits"].values():
        split.update(train=TRAIN, test=TEST, **({"validation": VALIDATION} if split.get("validation") else {}))
    for study, sizes in MEASURED.items():
        for key, value in sizes.items():
            settings = config["studies"][study]
            settings[key] = {**settings[key], **value} if isinstance(value, dict) else value
    for name, entry in config["models"].items():
        entry["seeds"] = entry.get("seeds", [1])[:1]
        if "epochs" in entry:
            entry["epochs"] = min(entry["epochs"], 6 if name == config["judge"] else 3)
            entry["batch_size"] = min(entry["batch_size"], 50)
            if entry.get("micro_batch"):
                entry["micro_batch"] = min(entry["micro_batch"], 20)
            if entry.get("updates"):
                entry["updates"] = min(entry["updates"], 10)
        if "learning_rate" in entry.get("optimizer", {}):  # higher ones kill a network in so few updates
            rate = min(entry["optimizer"]["learning_rate"], HIGHEST_RATE)
            entry["optimizer"] = {**entry["optimizer"], "learning_rate": rate}
    return config


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

"""The default configuration made small: every model and study of it, a few hundred real images, minutes.

`python tests/small.py FOLDER [MNIST]` writes FOLDER/config/config.yaml; MNIST is a folder with the IDX files.
"""

import copy
import functools
import sys
from pathlib import Path

import fast_yaml

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY / "workflow" / "scripts"))

from aelab.plan import likes  # noqa: E402

TRAIN, VALIDATION, TEST = 600, 200, 300
HIGHEST_RATE = 0.005
# How much studies measure: enough that every shape is there.
MEASURED = {
    "tangents": {"images": 40},
    "interpolation": {"pairs": {"measured": 12}, "prior_samples": {"measured": 120}},
    "densities": {
        "samples": 100,
        "width_images": 30,
        "fit": {"images": 400, "components": 3, "steps": 5},
        "clustering": {"steps": 2},
        "walks": {"score_steps": 5, "chain_steps": 5},
        "copies": {"images": 30},
    },
    "latent_plane": {"trustworthiness": {"images": 250}},
    "representations": {"labels": [{"a_class": 10, "draws": 2}], "neighbourhoods": {"images": 200}},
    "rate_distortion": {
        "importance": {"samples": [1, 5, 50], "images": 10},
        "prior_samples": {"measured": 100},
        "quantised_pca": {"steps": [0.5, 1, 2, 4], "counted": 200},
    },
    "denoising": {
        "interpolation": {"pairs": 12, "references": 300},
        "walks": {"starts": 12, "starts_per_target": 3, "long_steps": 20},
    },
    "robustness": {
        "images": 60,
        "read": 20,
        "degradations": {
            "gaussian": [0.1, 0.4, 1],
            "gaussian_clipped": [0.4],
            "masking": [0.3, 0.6],
            "salt_and_pepper": [0.2],
            "blur": [0.05],
            "occlusion": [0.1],
        },
    },
}


@functools.cache
def parsed(text, resolved):
    """A configuration from its text; the text of ours takes a fifth of a second."""
    content = fast_yaml.safe_load(text)
    return likes.resolve(content) if resolved else content


def written(resolved=False):
    """The default configuration as written."""
    return copy.deepcopy(parsed((REPOSITORY / "config" / "config.yaml").read_text(), resolved))


def default():
    """The default configuration with every entry written out, so that each can be edited by itself."""
    return written(resolved=True)


# Models with few filters; each has a twin of the published size, by which the page's speed and size are measured.
SLIM = {"conv_32_corrected": [8, 16], "conv_32_denoising_corrected": [8, 16], "conv_plane_corrected": [4] * 4}


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
        if slim := SLIM.get(name) or SLIM.get(entry.get("starts_from")):
            entry["filters"] = slim
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
    path.write_text(fast_yaml.safe_dump(config, sort_keys=False))
    return path


if __name__ == "__main__":
    print(write(*sys.argv[1:3]))

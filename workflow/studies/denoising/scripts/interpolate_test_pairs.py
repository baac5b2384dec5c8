"""Interpolate the codes of pairs of test images, of one digit and of two different digits, with every model.

In: weights of the study's models and of the judge, test images and labels. Out: an `.npz` file with
`steps` (11,), the share a of the second code; `pairs` (2, pairs, 2), rows of the test images, first of one
digit, then of different digits; `images` (models + 1, 2, 11, pixels), the first pair's path of each sort; and
`read_as` and `confidence` (models + 1, 2, pairs, 11), what the judge reads. The last "model" blends the
pixels of the two images and decodes nothing.
"""

import numpy as np

from aelab.data import datasets
from aelab.data.randomness import generator
from aelab.files.atomic import write_arrays
from aelab.inference import trained
from aelab.jobs import frame
from aelab.plan import specs

STEPS = np.linspace(0, 1, 11, dtype=np.float32)


def drawn_pairs(labels, rows, number, draw):
    """Pairs of test images, int64 (2, number, 2): of one digit, then of different digits."""
    of_one, of_two = [], []
    while len(of_one) < number or len(of_two) < number:
        pair = draw.choice(rows, 2, replace=False)
        sort = of_one if labels[pair[0]] == labels[pair[1]] else of_two
        if len(sort) < number:
            sort.append(pair)
    return np.array([of_one, of_two])


def between(first, second):
    """Points (n, 11, k) on the straight lines from `first` to `second`, both (n, k)."""
    share = STEPS[None, :, None]
    return (1 - share) * first[:, None] + share * second[:, None]


def paths(model, images, pairs):
    """Decoded paths (2, pairs, 11, pixels) between the codes of each pair."""
    flat = pairs.reshape(-1, 2)
    codes = between(model.encode(images[flat[:, 0]]), model.encode(images[flat[:, 1]]))
    decoded = model.decode(codes.reshape(-1, codes.shape[-1]))
    return decoded.reshape(*pairs.shape[:2], len(STEPS), -1)


def blends(images, pairs):
    """Pixel blends (2, pairs, 11, pixels) of each pair."""
    flat = pairs.reshape(-1, 2)
    return between(images[flat[:, 0]], images[flat[:, 1]]).reshape(*pairs.shape[:2], len(STEPS), -1)


def read(judge, images):
    """What the judge reads in images (..., pixels), clipped to [0, 1], and its confidence."""
    probabilities = judge.encode(np.clip(images, 0, 1).reshape(-1, images.shape[-1])).reshape(*images.shape[:-1], -1)
    return {"read_as": probabilities.argmax(-1), "confidence": probabilities.max(-1)}


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        settings, rows = spec["interpolation"], datasets.read_split(snakemake.input.split)["test"]
        raw, labels = datasets.read_labelled(snakemake.input.images, snakemake.input.labels)
        images = datasets.unit(raw)
        pairs = drawn_pairs(labels, rows, settings["pairs"], generator("pairs", settings["seed"]))
        judge = trained.read(snakemake.input.judge)
        found = []
        for path in snakemake.input.weights:
            decoded = paths(trained.read(path), images, pairs)
            found.append({"images": decoded[:, 0], **read(judge, decoded)})
        blended = blends(images, pairs)
        found.append({"images": blended[:, 0], **read(judge, blended)})
        arrays = {name: np.stack([each[name] for each in found]) for name in found[0]}
        write_arrays(snakemake.output[0], {"steps": STEPS, "pairs": pairs, **arrays})

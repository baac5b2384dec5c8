"""Interpolate with every model between the codes of two test images of the same digit and of different digits.

Inputs: weights of the study's models and of the judge; test images and labels; the split.

Outputs: an `.npz` file with `steps` (11,), the weight a of the second code; `pairs` (2, pairs, 2), row numbers of the
test images, first for pairs of the same digit, then of different digits; `images` (models + 1, 2, 11, pixels), the
path of the first pair of each kind; and `read_as` and `confidence` (models + 1, 2, pairs, 11), how the judge reads the
images. The last "model" is a blend of the pixels of the two images, without codes.
"""

import numpy as np

from aelab.data import datasets
from aelab.data.randomness import generator
from aelab.files.atomic import write_arrays
from aelab.inference import trained
from aelab.inference.judge import Judge
from aelab.jobs import frame
from aelab.kinds.models import read_model
from aelab.plan import specs

STEPS = np.linspace(0, 1, 11, dtype=np.float32)


def drawn_pairs(labels: np.ndarray, rows: np.ndarray, number: int, draw: np.random.Generator) -> np.ndarray:
    """Draw pairs of test images of the same digit and of different digits.

    Parameters
    ----------
    labels : np.ndarray
        Class numbers of all test images.
    rows : np.ndarray
        Row numbers of the test images to draw from.
    number : int
        Number of pairs of each kind.
    draw : np.random.Generator
        Source of randomness.

    Returns
    -------
    np.ndarray
        Row numbers (2, number, 2), int64: pairs of the same digit, then of different digits.
    """
    of_one, of_two = [], []
    while len(of_one) < number or len(of_two) < number:
        pair = draw.choice(rows, 2, replace=False)
        sort = of_one if labels[pair[0]] == labels[pair[1]] else of_two
        if len(sort) < number:
            sort.append(pair)
    return np.array([of_one, of_two])


def between(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return 11 points (n, 11, k) on the straight lines from `first` to `second`, both (n, k), ends included."""
    share = STEPS[None, :, None]
    return (1 - share) * first[:, None] + share * second[:, None]


def paths(model: trained.Model, images: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Decode the straight lines between the codes of each pair.

    Parameters
    ----------
    model : trained.Model
        The model.
    images : np.ndarray
        Test images (n, pixels) with pixels in [0, 1].
    pairs : np.ndarray
        Row numbers of the images of each pair (2, pairs, 2).

    Returns
    -------
    np.ndarray
        Decoded images (2, pairs, 11, pixels).
    """
    flat = pairs.reshape(-1, 2)
    codes = between(model.encode(images[flat[:, 0]]), model.encode(images[flat[:, 1]]))
    decoded = model.decode(codes.reshape(-1, codes.shape[-1]))
    return decoded.reshape(*pairs.shape[:2], len(STEPS), -1)


def blends(images: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Blend the pixels of each pair.

    Parameters
    ----------
    images : np.ndarray
        Test images (n, pixels) with pixels in [0, 1].
    pairs : np.ndarray
        Row numbers of the images of each pair (2, pairs, 2).

    Returns
    -------
    np.ndarray
        Blends (2, pairs, 11, pixels).
    """
    flat = pairs.reshape(-1, 2)
    return between(images[flat[:, 0]], images[flat[:, 1]]).reshape(*pairs.shape[:2], len(STEPS), -1)


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        settings, rows = spec["interpolation"], datasets.read_split(snakemake.input.split)["test"]
        raw, labels = datasets.read_labelled(snakemake.input.images, snakemake.input.labels)
        images = datasets.unit(raw)
        pairs = drawn_pairs(labels, rows, settings["pairs"], generator("pairs", settings["seed"]))
        judge = Judge(read_model(snakemake.input.judge))
        found = []
        for path in snakemake.input.weights:
            decoded = paths(read_model(path), images, pairs)
            found.append(
                {"images": decoded[:, 0], **dict(zip(("read_as", "confidence"), judge.read(decoded), strict=True))}
            )
        blended = blends(images, pairs)
        found.append(
            {"images": blended[:, 0], **dict(zip(("read_as", "confidence"), judge.read(blended), strict=True))}
        )
        arrays = {name: np.stack([each[name] for each in found]) for name in found[0]}
        write_arrays(snakemake.output[0], {"steps": STEPS, "pairs": pairs, **arrays})

"""Interpolate with every model between the codes of two test images of the same digit and of different digits.

Inputs: weights of the study's models and of the judge; training images; test images and labels; the split.

Outputs: an `.npz` file with `steps` (11,), the weight a of the first code; `pairs` (2, pairs, 2), row numbers of the
test images, first for pairs of the same digit, then of different digits; `images` (models + 1, 2, 11, pixels), the
path of the first pair of each kind; `read_as` and `confidence` (models + 1, 2, pairs, 11), how the judge reads the
images, and `distance`, Euclidean, from each to the nearest of some training images; `real_confidence` and
`real_distance` (m,), the same of test images. The last "model" is a blend of the pixels of the two images, without
codes.
"""

import numpy as np

from aelab.analysis.neighbours import nearest_images
from aelab.data import datasets, idx
from aelab.data.randomness import generator
from aelab.files.atomic import write_arrays
from aelab.inference import trained
from aelab.inference.judge import Judge
from aelab.jobs import frame
from aelab.kinds.models import read_model
from aelab.plan import specs

STEPS = np.linspace(0, 1, 11, dtype=np.float32)
REAL = 1000


def drawn_pairs(
    labels: np.ndarray, rows: np.ndarray, number: int, draw: np.random.Generator, given: list[int] | None = None
) -> np.ndarray:
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
    given : list of int or None
        Row numbers of the first pair of different digits; drawn like the others if both show the same one.

    Returns
    -------
    np.ndarray
        Row numbers (2, number, 2), int64: pairs of the same digit, then of different digits.
    """
    of_one, of_two = [], []
    if given is not None and set(given) <= set(rows.tolist()) and labels[given[0]] != labels[given[1]]:
        of_two.append(np.array(given))
    while len(of_one) < number or len(of_two) < number:
        pair = draw.choice(rows, 2, replace=False)
        sort = of_one if labels[pair[0]] == labels[pair[1]] else of_two
        if len(sort) < number:
            sort.append(pair)
    return np.array([of_one, of_two])


def between(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return 11 points a `first` + (1 - a) `second` (n, 11, k) for a = 0, 0.1 ... 1; both are (n, k)."""
    share = STEPS[None, :, None]
    return share * first[:, None] + (1 - share) * second[:, None]


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


def measured(images: np.ndarray, references: np.ndarray, judge: Judge) -> dict[str, np.ndarray]:
    """Return what makes images (..., pixels) plausible: `read_as`, `confidence` and `distance`, each (...)."""
    read_as, confidence = judge.read(images)
    distance, _ = nearest_images(np.clip(images, 0, 1).reshape(-1, images.shape[-1]), references)
    return {"read_as": read_as, "confidence": confidence, "distance": distance.reshape(images.shape[:-1])}


if "snakemake" in globals():
    with frame.job(snakemake):
        settings = specs.parse(snakemake.params.spec)["interpolation"]
        split = datasets.read_split(snakemake.input.split)
        raw, labels = datasets.read_labelled(snakemake.input.images, snakemake.input.labels)
        images = datasets.unit(raw)
        references = idx.read_images(snakemake.input.train_images)[split["train"][: settings["references"]]]
        pairs = drawn_pairs(
            labels, split["test"], settings["pairs"], generator("pairs", settings["seed"]), settings["first_pair"]
        )
        judge, found = Judge(read_model(snakemake.input.judge)), []
        for path in [*snakemake.input.weights, None]:
            decoded = blends(images, pairs) if path is None else paths(read_model(path), images, pairs)
            found.append({"images": decoded[:, 0], **measured(decoded, references, judge)})
        real = measured(images[split["test"][:REAL]], references, judge)
        arrays = {name: np.stack([each[name] for each in found]) for name in found[0]}
        arrays |= {f"real_{name}": real[name] for name in ("confidence", "distance")}
        write_arrays(snakemake.output[0], {"steps": STEPS, "pairs": pairs, **arrays})

"""Interpolate between the codes of two test images, decode the interpolates, and sample from the prior.

Inputs: weights of the study's variational models and of the judge; test images and labels.

Outputs:

- `paths.npz`, for `same_digit` and `different_digits`: `<pairs>_rows` (pairs, 2), the row numbers of the test images;
  `<pairs>_real_confidence` and `<pairs>_real_read_as` (pairs, 2), how the judge reads them; and for each series
  (`<model>.linear`, `<model>.spherical`, `pixel_blend`) `<pairs>_<series>_images` (pairs, 7, pixels), rounded to 8 bits
  like the pixels of the data set, `<pairs>_<series>_confidence` and `<pairs>_<series>_read_as` (pairs, 7).
- `samples.npz`, for each model: `<model>_images` (shown, pixels), uint8, decoded from samples of the prior N(0, I);
  `<model>_confidence` and `<model>_read_as` (samples,).

Confidence is the probability that the judge gives to the digit it reads.
"""

import numpy as np

from aelab.analysis import paths
from aelab.data import datasets
from aelab.data.randomness import generator
from aelab.files.atomic import write_arrays
from aelab.inference import trained
from aelab.inference.judge import Judge
from aelab.jobs import frame
from aelab.kinds.models import read_model
from aelab.plan import specs

STEPS = 7
SHARES = np.arange(1, STEPS + 1) / (STEPS + 1)


def same_digit(labels: np.ndarray, pairs: int, draw: np.random.Generator, classes: int) -> np.ndarray:
    """Draw pairs of different images of the same class, taking the classes in turn.

    Parameters
    ----------
    labels : np.ndarray
        Class numbers (n,).
    pairs : int
        Number of pairs.
    draw : np.random.Generator
        Source of randomness.
    classes : int
        Number of classes.

    Returns
    -------
    np.ndarray
        Row numbers of the images (pairs, 2).
    """
    return np.array([draw.choice(np.flatnonzero(labels == n % classes), 2, replace=False) for n in range(pairs)])


def different_digits(labels: np.ndarray, pairs: int, draw: np.random.Generator, classes: int) -> np.ndarray:
    """Draw pairs of images of different classes.

    The first image of each pair takes the classes in turn; the class of the second is drawn from the others.

    Parameters
    ----------
    labels : np.ndarray
        Class numbers (n,).
    pairs : int
        Number of pairs.
    draw : np.random.Generator
        Source of randomness.
    classes : int
        Number of classes.

    Returns
    -------
    np.ndarray
        Row numbers of the images (pairs, 2).
    """
    rows = []
    for n in range(pairs):
        second = draw.choice([digit for digit in range(classes) if digit != n % classes])
        rows.append([draw.choice(np.flatnonzero(labels == digit)) for digit in (n % classes, second)])
    return np.array(rows)


def rounded(images: np.ndarray) -> np.ndarray:
    """Convert pixels in [0, 1] to uint8, clipping what lies outside."""
    return np.rint(np.clip(images, 0, 1) * 255).astype(np.uint8)


def interpolated(model: trained.Variational, ends: np.ndarray, path: str) -> np.ndarray:
    """Decode a path between the codes of two images.

    Parameters
    ----------
    model : trained.Variational
        The model.
    ends : np.ndarray
        First and last image of each pair (pairs, 2, pixels).
    path : {"linear", "spherical"}
        How to interpolate between the codes.

    Returns
    -------
    np.ndarray
        Decoded images (pairs, 7, pixels), without the ends.
    """
    codes = model.encode(ends.reshape(-1, ends.shape[-1])).reshape(len(ends), 2, -1)
    points = paths.BY_NAME[path](codes[:, 0], codes[:, 1], SHARES).astype(np.float32)
    return model.decode(points.reshape(-1, points.shape[-1])).reshape(len(ends), STEPS, ends.shape[-1])


def walk(
    names: list[str], models: list[trained.Variational], judge: Judge, images: np.ndarray, rows: np.ndarray
) -> dict[str, np.ndarray]:
    """Interpolate one kind of pairs with every model, and blend their pixels.

    Parameters
    ----------
    names : list of str
        Names of the models.
    models : list of trained.Variational
        The models, in the same order.
    judge : Judge
        The classifier that reads the images.
    images : np.ndarray
        Test images (n, pixels), uint8.
    rows : np.ndarray
        Row numbers of the images of each pair (pairs, 2).

    Returns
    -------
    dict of str to np.ndarray
        The arrays of `paths.npz` for these pairs, under names without the prefix `<pairs>_`.
    """
    ends = datasets.unit(images[rows])
    arrays = {"rows": rows}
    arrays["real_read_as"], arrays["real_confidence"] = judge.read(ends)
    series = {"pixel_blend": paths.linear(ends[:, 0], ends[:, 1], SHARES).astype(np.float32)}
    for name, model in zip(names, models, strict=True):
        for path in paths.BY_NAME:
            series[f"{name}.{path}"] = interpolated(model, ends, path)
    for name, between in series.items():
        arrays[f"{name}_read_as"], arrays[f"{name}_confidence"] = judge.read(between)
        arrays[f"{name}_images"] = rounded(between)
    return arrays


def sampled(
    names: list[str], models: list[trained.Variational], judge: Judge, samples: int, shown: int, seed: int
) -> dict[str, np.ndarray]:
    """Decode samples from the prior with every model.

    Models with codes of the same size decode the same samples.

    Parameters
    ----------
    names : list of str
        Names of the models.
    models : list of trained.Variational
        The models, in the same order.
    judge : Judge
        The classifier that reads the decoded images.
    samples : int
        Number of samples per model.
    shown : int
        How many of the decoded images to keep, from the first on.
    seed : int
        Seed of the samples.

    Returns
    -------
    dict of str to np.ndarray
        The arrays of `samples.npz`.
    """
    arrays = {}
    for name, model in zip(names, models, strict=True):
        codes = generator("prior", seed).standard_normal((samples, model.code_size), dtype=np.float32)
        images = model.decode(codes)
        arrays[f"{name}_read_as"], arrays[f"{name}_confidence"] = judge.read(images)
        arrays[f"{name}_images"] = rounded(images[:shown])
    return arrays


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        images, labels = datasets.read_labelled(snakemake.input.images, snakemake.input.labels)
        judge = Judge(read_model(snakemake.input.judge))
        names = [member["name"] for member in spec["members"]]
        models = [read_model(path) for path in snakemake.input.weights]
        settings = spec["pairs"]
        arrays = {}
        for pairs, choose in (("same_digit", same_digit), ("different_digits", different_digits)):
            draw = generator("pairs", pairs, settings["seed"])
            rows = choose(labels, settings["measured"], draw, len(spec["data"]["classes"]))
            walked = walk(names, models, judge, images, rows)
            arrays |= {f"{pairs}_{name}": values for name, values in walked.items()}
        write_arrays(snakemake.output.paths, arrays)
        prior = spec["prior_samples"]
        write_arrays(
            snakemake.output.samples,
            sampled(names, models, judge, prior["measured"], prior["shown"], prior["seed"]),
        )

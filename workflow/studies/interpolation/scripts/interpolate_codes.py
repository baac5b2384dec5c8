"""Walk between the codes of two test images, decode what lies between, and draw from the prior.

In: weights of the study's variational models and of the judge, test images and labels. Out:

- `paths.npz`: for `same_digit` and `different_digits`, `<pairs>_rows` (pairs, 2), the numbers of the
  test images; `<pairs>_real_confidence` (pairs, 2) and `<pairs>_real_read_as`, the judge's view of them;
  and for each series (`<model>.linear`, `<model>.spherical`, `pixel_blend`) `<pairs>_<series>_images` (pairs, 7,
  pixels), rounded to 8 bits as the pixels of the data set are, `_confidence` and `_read_as` (pairs, 7).
- `samples.npz`: for each model `<model>_images` (shown, pixels) as uint8, decoded from draws of the prior
  N(0, I), and `<model>_confidence` and `<model>_read_as` (samples,).

Confidence is the judge's probability of the digit that it reads.
"""

import numpy as np

from aelab.analysis import paths
from aelab.data import datasets
from aelab.data.randomness import generator
from aelab.files.atomic import write_arrays
from aelab.inference import trained
from aelab.jobs import frame
from aelab.plan import specs

STEPS = 7
SHARES = np.arange(1, STEPS + 1) / (STEPS + 1)


def same_digit(labels, pairs, draw, classes):
    """Numbers (pairs, 2) of two different images of one class; the classes take turns."""
    return np.array([draw.choice(np.flatnonzero(labels == n % classes), 2, replace=False) for n in range(pairs)])


def different_digits(labels, pairs, draw, classes):
    """Numbers (pairs, 2) of images of two classes; the first ones take turns, the second are drawn."""
    rows = []
    for n in range(pairs):
        second = draw.choice([digit for digit in range(classes) if digit != n % classes])
        rows.append([draw.choice(np.flatnonzero(labels == digit)) for digit in (n % classes, second)])
    return np.array(rows)


def judged(judge, images):
    """What the judge reads and how surely, for images (..., pixels): two arrays (...)."""
    probabilities = judge.encode(images.reshape(-1, images.shape[-1]))
    return probabilities.argmax(1).reshape(images.shape[:-1]), probabilities.max(1).reshape(images.shape[:-1])


def rounded(images):
    """Pixels in [0, 1] as uint8."""
    return np.rint(np.clip(images, 0, 1) * 255).astype(np.uint8)


def interpolated(model, ends, path):
    """Images (pairs, 7, pixels) decoded along a path between the codes of `ends` (pairs, 2, pixels)."""
    codes = model.encode(ends.reshape(-1, ends.shape[-1])).reshape(len(ends), 2, -1)
    points = paths.BY_NAME[path](codes[:, 0], codes[:, 1], SHARES).astype(np.float32)
    return model.decode(points.reshape(-1, points.shape[-1])).reshape(len(ends), STEPS, ends.shape[-1])


def walk(names, models, judge, images, rows):
    """Arrays of `paths.npz` for one kind of pairs, `rows` (pairs, 2), without the prefix."""
    ends = datasets.unit(images[rows])
    arrays = {"rows": rows}
    arrays["real_read_as"], arrays["real_confidence"] = judged(judge, ends)
    series = {"pixel_blend": paths.linear(ends[:, 0], ends[:, 1], SHARES).astype(np.float32)}
    for name, model in zip(names, models, strict=True):
        for path in paths.BY_NAME:
            series[f"{name}.{path}"] = interpolated(model, ends, path)
    for name, between in series.items():
        arrays[f"{name}_read_as"], arrays[f"{name}_confidence"] = judged(judge, between)
        arrays[f"{name}_images"] = rounded(between)
    return arrays


def sampled(names, models, judge, samples, shown, seed):
    """Arrays of `samples.npz`; each model decodes the same draws as any other with as many numbers in its code."""
    arrays = {}
    for name, model in zip(names, models, strict=True):
        codes = generator("prior", seed).standard_normal((samples, model.code_size), dtype=np.float32)
        images = model.decode(codes)
        arrays[f"{name}_read_as"], arrays[f"{name}_confidence"] = judged(judge, images)
        arrays[f"{name}_images"] = rounded(images[:shown])
    return arrays


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        images, labels = datasets.read_labelled(snakemake.input.images, snakemake.input.labels)
        judge = trained.read(snakemake.input.judge)
        names = [member["name"] for member in spec["members"]]
        models = [trained.read(path) for path in snakemake.input.weights]
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

"""Feed test images back into variational models again and again, as the figures called interpolations were published.

Each time, an image is encoded anew, a code is drawn anew from its posterior, and the image decoded from that code is
the next one. There is no second image, and nothing lies between two codes.

Inputs: weights of the models and of the judge; test images and labels.

Outputs: `fed_back.npz`, for `same_digit` (the first test images of the first class) and `different_digits` (the first
test image of each of the first ten classes, then the test images from the first on): `<kind>_rows` (n,), the row
numbers of the test images, and for each model `<kind>_<model>_images` (shown, times, pixels), uint8, of the first ten,
and `<kind>_<model>_read_as` (n, times), what the judge reads.
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

SHOWN = 10


def rows_of(kind: str, labels: np.ndarray, images: int) -> np.ndarray:
    """Choose the test images that were published.

    Parameters
    ----------
    kind : {"same_digit", "different_digits"}
        Which of the two figures.
    labels : np.ndarray
        Class numbers (n,).
    images : int
        How many images to choose, at most.

    Returns
    -------
    np.ndarray
        Row numbers, in the order of the figure.
    """
    if kind == "same_digit":
        return np.flatnonzero(labels == labels.min())[:images]
    firsts = [np.flatnonzero(labels == digit)[0] for digit in np.unique(labels)[:SHOWN]]
    return np.concatenate([firsts, np.arange(min(images - len(firsts), len(labels)))])


def fed_back(model: trained.Variational, images: np.ndarray, times: int, draw: np.random.Generator) -> np.ndarray:
    """Encode images, draw codes from their posteriors and decode these, and do the same with what comes out.

    Parameters
    ----------
    model : trained.Variational
        The model.
    images : np.ndarray
        Images (n, pixels) with pixels in [0, 1].
    times : int
        How often.
    draw : np.random.Generator
        Source of randomness.

    Returns
    -------
    np.ndarray
        The images after each time (n, times, pixels), float32.
    """
    passed = []
    for _ in range(times):
        mean, log_sigma = model.statistics(images)
        codes = mean + draw.standard_normal(mean.shape, dtype=np.float32) * np.exp(log_sigma)
        images = model.decode(codes)
        passed.append(images)
    return np.stack(passed, axis=1)


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        images, labels = datasets.read_labelled(snakemake.input.images, snakemake.input.labels)
        judge, settings, arrays = Judge(read_model(snakemake.input.judge)), spec["fed_back"], {}
        models = [read_model(path) for path in snakemake.input.weights]
        for kind in ("same_digit", "different_digits"):
            rows = rows_of(kind, labels, settings["images"])
            arrays[f"{kind}_rows"] = rows
            for member, model in zip(spec["members"], models, strict=True):
                draw = generator("fed back", kind, member["name"], settings["seed"], spec["run"])
                passed = fed_back(model, datasets.unit(images[rows]), settings["times"], draw)
                arrays[f"{kind}_{member['name']}_read_as"] = judge.read(passed)[0]
                arrays[f"{kind}_{member['name']}_images"] = np.rint(255 * passed[:SHOWN]).astype(np.uint8)
        write_arrays(snakemake.output[0], arrays)

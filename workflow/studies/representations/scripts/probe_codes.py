"""Classify test images by the codes of some models, given few labels or many.

Inputs: weights of the models of one group, or none for the references, which are the pixels and random projections of
them; images and labels; the split, whose training and validation images may be labelled and whose test images are
classified.

Outputs: a table with one row per representation, number of labelled images and draw of them: `representation`, `size`
(numbers in a code), `a_class` (labelled images of each class; 0 for all images), `draw`, and the accuracies `probe` (of
a linear probe) and `nearest` (of the nearest labelled code). A number that a class has too few images for is left out;
if all are, as many are labelled as the smallest class has. And a table with one row per representation: `ceiling`, the
accuracy that identical codes allow, and `squared_error`, what the best affine map from codes to classes leaves
(`aelab.analysis.probes`).
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from aelab.analysis import neighbours, probes
from aelab.data import datasets
from aelab.data.randomness import generator
from aelab.files.atomic import write_table
from aelab.inference import trained
from aelab.jobs import frame
from aelab.kinds.models import read_model
from aelab.plan import specs

PIXELS = "pixels"


class Projection:
    """A fixed linear map, applied like a model.

    Parameters
    ----------
    matrix : np.ndarray or None
        The map (pixels, size); None for the identity.
    """

    def __init__(self, matrix: np.ndarray | None = None) -> None:
        self.matrix = matrix

    def encode(self, images: np.ndarray) -> np.ndarray:
        """Return the codes (n, size) of images (n, pixels), uint8 or in [0, 1]; float32."""
        images = datasets.unit(images) if images.dtype == np.uint8 else images
        return images if self.matrix is None else (images @ self.matrix).astype(np.float32)


def references(pixels: int, sizes: list[int]) -> dict[str, Projection]:
    """Return the representations that nothing is trained for: the pixels, and a random projection of each size."""
    found = {PIXELS: Projection()}
    for size in sizes:
        if size <= pixels:
            draw = generator("random projection", pixels, size)
            found[f"random_{size}"] = Projection(probes.random_projection(pixels, size, draw))
    return found


def draws(labels: np.ndarray, settings: list[dict], run: int) -> Iterator[tuple[int, int, np.ndarray]]:
    """Draw labelled images.

    Parameters
    ----------
    labels : np.ndarray
        Class numbers (m,) of the images that may be labelled.
    settings : list of dict
        `a_class`, a number of labelled images of each class, and `draws`, how often they are drawn.
    run : int
        The run of the study; each has its own draws.

    Yields
    ------
    a_class : int
        Their number in each class.
    draw : int
        The number of the draw, from 1.
    rows : np.ndarray
        The labelled ones among the images. Of one draw, the larger numbers include the smaller ones.
    """
    most = int(np.unique(labels, return_counts=True)[1].min())
    for each in [own for own in settings if own["a_class"] <= most] or [{"a_class": most, "draws": 1}]:
        for draw in range(1, each["draws"] + 1):
            rows = probes.labelled(labels, each["a_class"], generator("labelled images", run, draw))
            yield each["a_class"], draw, rows


def probed(
    model: trained.Model | Projection,
    train: tuple[np.ndarray, np.ndarray],
    test: tuple[np.ndarray, np.ndarray],
    labelled: list[tuple[int, int, np.ndarray]],
    all_labels: bool,
) -> tuple[list[dict], dict]:
    """Classify test images by their codes.

    Parameters
    ----------
    model : trained.Model or Projection
        What makes the codes.
    train : tuple of np.ndarray
        Images (m, pixels), uint8, that may be labelled, and their classes (m,).
    test : tuple of np.ndarray
        Images (n, pixels), uint8, to classify, and their classes (n,).
    labelled : list of tuple
        What `draws` yields, by increasing numbers of labelled images.
    all_labels : bool
        Whether to classify with all images labelled, too. The linear probe then has the penalty that was chosen for the
        largest number before.

    Returns
    -------
    rows : list of dict
        Rows of the first table, without the name.
    row : dict
        The row of the second table, without the name.
    """
    (images, labels), (test_images, test_labels) = train, test
    needed = np.unique(np.concatenate([rows for *_, rows in labelled])) if not all_labels else np.arange(len(labels))
    codes = np.asarray(model.encode(images[needed]))
    others = np.asarray(model.encode(test_images))
    table, penalty = [], None
    for a_class, draw, rows in labelled:
        own, known = codes[np.searchsorted(needed, rows)], labels[rows]
        penalty = probes.chosen_penalty(*probes.normalised(own), known)
        table.append(accuracies(own, known, others, test_labels, penalty) | {"a_class": a_class, "draw": draw})
    error = probes.least_squared_error(own, known)
    if all_labels:
        table.append(accuracies(codes, labels, others, test_labels, penalty) | {"a_class": 0, "draw": 1})
    size = others.shape[1]
    return (
        [{"size": size, **row} for row in table],
        {"size": size, "ceiling": probes.ceiling(others, test_labels), "squared_error": error},
    )


def accuracies(
    codes: np.ndarray, labels: np.ndarray, others: np.ndarray, other_labels: np.ndarray, penalty: float
) -> dict[str, float]:
    """Compute the accuracies of a linear probe and of the nearest neighbour, two shares of the other codes."""
    found = {
        "probe": probes.linear(codes, labels, others, penalty),
        "nearest": neighbours.nearest_labels(codes, labels, others),
    }
    return {name: float((answer == other_labels).mean()) for name, answer in found.items()}


if "snakemake" in globals():
    with frame.job(snakemake):
        spec, inputs = specs.parse(snakemake.params.spec), snakemake.input
        split = datasets.read_split(inputs.split)
        images, labels = datasets.read_labelled(inputs.train_images, inputs.train_labels)
        test_images, test_labels = datasets.read_labelled(inputs.test_images, inputs.test_labels)
        known = np.sort(np.concatenate([split["train"], split["validation"]]))
        train = np.asarray(images[known]), labels[known]
        test = np.asarray(test_images[split["test"]]), test_labels[split["test"]]
        labelled = list(draws(train[1], spec["labels"], spec["run"]))
        models = {
            member["name"]: read_model(path) for member, path in zip(spec["members"], inputs.weights, strict=True)
        } or references(images.shape[1], spec["random_projections"])
        rows, limits = [], []
        for name, model in models.items():
            all_labels = not {name, "every"}.isdisjoint(spec["all_labels_of"])
            table, limit = probed(model, train, test, labelled, all_labels)
            rows += [{"representation": name, **row} for row in table]
            limits.append({"representation": name, **limit})
        write_table(snakemake.output.probes, pd.DataFrame(rows))
        write_table(snakemake.output.limits, pd.DataFrame(limits))

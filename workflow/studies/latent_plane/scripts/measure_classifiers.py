"""Measure how well the trained classifiers fit the images they were trained on and the test images.

Inputs: weights of the classifiers; training and test images and labels; the splits.

Outputs: a table with one row per classifier: number of trained parameters, loss (nats) and accuracy (a share) on the
test images and on equally many training images, the first of the split.
"""

import numpy as np
import pandas as pd

from aelab.data import datasets
from aelab.files.atomic import write_table
from aelab.inference import trained
from aelab.jobs import frame
from aelab.kinds.models import read_model
from aelab.plan import specs


def fit(model: trained.Classifier, images: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Compute the loss and the accuracy of a classifier.

    Parameters
    ----------
    model : trained.Classifier
        The classifier.
    images : np.ndarray
        Images (n, pixels), uint8.
    labels : np.ndarray
        Class numbers (n,).

    Returns
    -------
    loss : float
        Mean cross-entropy, in nats.
    accuracy : float
        Share of the images classified as their label.
    """
    probabilities = model.encode(images).astype(np.float64)
    own = probabilities[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(own, 1e-30)).mean()), float((probabilities.argmax(1) == labels).mean())


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        train = datasets.read_labelled(snakemake.input.train_images, snakemake.input.train_labels)
        test = datasets.read_labelled(snakemake.input.test_images, snakemake.input.test_labels)
        rows = []
        for member, path, split_path in zip(
            spec["members"], snakemake.input.weights, snakemake.input.splits, strict=True
        ):
            split = datasets.read_split(split_path)
            model = read_model(path)
            row = {"model": member["name"], "parameters": model.parameters}
            for part, (images, labels) in (("train", train), ("test", test)):
                chosen = split[part][: len(split["test"])]
                row[f"{part}_loss"], row[f"{part}_accuracy"] = fit(model, images[chosen], labels[chosen])
            rows.append(row)
        write_table(snakemake.output[0], pd.DataFrame(rows))

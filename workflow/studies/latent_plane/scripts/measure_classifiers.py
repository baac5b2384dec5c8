"""Measure how well the trained classifiers fit the images they learnt from and the test images.

In: weights of the classifiers, images and labels of both parts. Out: a table, a row a classifier: parameters
trained, loss (nats) and accuracy (shares) on the test images and on as many training images, the first of the split.
"""

import numpy as np
import pandas as pd

from aelab.data import datasets
from aelab.files.atomic import write_table
from aelab.inference import trained
from aelab.jobs import frame
from aelab.plan import specs


def fit(model, images, labels):
    """Cross-entropy in nats and share classified as their label, over images (n, pixels) as uint8."""
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
            model = trained.read(path)
            row = {"model": member["name"], "parameters": model.parameters}
            for part, (images, labels) in (("train", train), ("test", test)):
                chosen = split[part][: len(split["test"])]
                row[f"{part}_loss"], row[f"{part}_accuracy"] = fit(model, images[chosen], labels[chosen])
            rows.append(row)
        write_table(snakemake.output[0], pd.DataFrame(rows))

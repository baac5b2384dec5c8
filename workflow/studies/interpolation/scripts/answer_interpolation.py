"""Answer the interpolation study's questions by numbers.

In: the table of plausibility, the samples of the prior, training and test images. Out: `answers.csv`, a
row an answer (name, value): the floors of the cross-entropy, for each series of interpolates how plausible
they are, for each model which digits the prior gives.
"""

import numpy as np
import pandas as pd

from aelab.analysis import measures
from aelab.data import datasets, idx
from aelab.files.arrays import read_arrays
from aelab.files.atomic import write_table
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs


def floors(train, test):
    """Cross-entropy in nats of test images with themselves and with the mean training image; uint8 images."""
    images = datasets.unit(test)
    mean = np.broadcast_to(train.mean(0, dtype=np.float64) / 255, images.shape)
    return [
        ("cross_entropy.floor", measures.cross_entropy_per_image(images, images).mean()),
        ("cross_entropy.mean_image", measures.cross_entropy_per_image(images, mean).mean()),
    ]


def plausibility(whole):
    """Every number of the table of plausibility, as `pairs.series.quantity`."""
    named = whole.set_index(["pairs", "series"]).drop(columns="images")
    return [
        (f"{pairs}.{series}.{quantity}", value)
        for (pairs, series), row in named.iterrows()
        for quantity, value in row.dropna().items()
    ]


def prior(samples, classes):
    """Of each model, the shares of the digits read in draws from the prior, the rarest and the commonest."""
    rows = []
    for key in samples:
        if key.endswith("_read_as"):
            name = key.removesuffix("_read_as")
            shares = np.bincount(samples[key], minlength=classes) / len(samples[key])
            rows += [(f"prior.{name}.read_as.{digit}", share) for digit, share in enumerate(shares)]
            rows += [
                (f"prior.{name}.rarest_digit", int(shares.argmin())),
                (f"prior.{name}.rarest_share", shares.min()),
                (f"prior.{name}.commonest_digit", int(shares.argmax())),
                (f"prior.{name}.commonest_share", shares.max()),
                (f"prior.{name}.surely_read", float((samples[f"{name}_confidence"] >= 0.9).mean())),
            ]
    return rows


if "snakemake" in globals():
    with frame.job(snakemake):
        classes = len(specs.parse(snakemake.params.spec)["data"]["classes"])
        whole = read_table(snakemake.input.whole, ["pairs", "series", "images", "plausible"])
        rows = floors(idx.read_images(snakemake.input.train_images), idx.read_images(snakemake.input.test_images))
        rows += plausibility(whole) + prior(read_arrays(snakemake.input.samples), classes)
        write_table(snakemake.output[0], pd.DataFrame(rows, columns=["answer", "value"]))

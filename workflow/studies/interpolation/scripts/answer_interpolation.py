"""Answer the questions of the interpolation study with numbers.

Inputs: the table of plausibility; the samples from the prior; the images fed back; training and test images; test
labels.

Outputs: `answers.csv`, one row (name, value) per answer: the lowest possible cross-entropy and that of the mean image,
how plausible each series of interpolates is, which digits each model decodes from the prior, and what the judge reads
in the images that were fed back.
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


def floors(train: np.ndarray, test: np.ndarray) -> list[tuple[str, float]]:
    """Compute the cross-entropy of test images with themselves and with the mean training image.

    Parameters
    ----------
    train : np.ndarray
        Training images (m, pixels), uint8.
    test : np.ndarray
        Test images (n, pixels), uint8.

    Returns
    -------
    list of tuple of str and float
        Names and values, in nats per image.
    """
    images = datasets.unit(test)
    mean = np.broadcast_to(train.mean(0, dtype=np.float64) / 255, images.shape)
    return [
        ("cross_entropy.floor", measures.cross_entropy_per_image(images, images).mean()),
        ("cross_entropy.mean_image", measures.cross_entropy_per_image(images, mean).mean()),
    ]


def plausibility(whole: pd.DataFrame) -> list[tuple[str, float]]:
    """List every number of the table of plausibility under the name `<pairs>.<series>.<quantity>`."""
    named = whole.set_index(["pairs", "series"]).drop(columns="images")
    return [
        (f"{pairs}.{series}.{quantity}", value)
        for (pairs, series), row in named.iterrows()
        for quantity, value in row.dropna().items()
    ]


def prior(samples: dict[str, np.ndarray], classes: int) -> list[tuple[str, float]]:
    """Summarize which digits the judge reads in what each model decodes from the prior.

    Parameters
    ----------
    samples : dict of str to np.ndarray
        The arrays of `samples.npz`, as `interpolate_codes` writes them.
    classes : int
        Number of classes.

    Returns
    -------
    list of tuple of str and float
        Names and values for each model: the share of each digit, the rarest and the commonest digit with their shares,
        and the share read with a confidence of at least 0.9.
    """
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


def fed_back(arrays: dict[str, np.ndarray], labels: np.ndarray) -> list[tuple[str, float]]:
    """Compute how often an image still shows its digit after it has gone through a model n times.

    Parameters
    ----------
    arrays : dict of str to np.ndarray
        The arrays of `fed_back.npz`, as `feed_images_back` writes them.
    labels : np.ndarray
        Class numbers of the test images (m,).

    Returns
    -------
    list of tuple of str and float
        `fed_back.<kind>.images`, how many there are, and `fed_back.<kind>.<model>.read_as_before.<n>`, the share in
        which the judge reads the digit of the image at the start, for each n from 1.
    """
    rows = []
    for kind in ("same_digit", "different_digits"):
        digits, start, end = labels[arrays[f"{kind}_rows"]], f"{kind}_", "_read_as"
        rows.append((f"fed_back.{kind}.images", len(digits)))
        for key in arrays:
            if key.startswith(start) and key.endswith(end):
                shares = (arrays[key] == digits[:, None]).mean(0)
                prefix = f"fed_back.{kind}.{key[len(start) : -len(end)]}.read_as_before"
                rows += [(f"{prefix}.{n}", share) for n, share in enumerate(shares, 1)]
    return rows


if "snakemake" in globals():
    with frame.job(snakemake):
        classes = len(specs.parse(snakemake.params.spec)["data"]["classes"])
        whole = read_table(snakemake.input.whole, ["pairs", "series", "images", "plausible"])
        test, labels = datasets.read_labelled(snakemake.input.test_images, snakemake.input.test_labels)
        rows = floors(idx.read_images(snakemake.input.train_images), test)
        rows += plausibility(whole) + prior(read_arrays(snakemake.input.samples), classes)
        rows += fed_back(read_arrays(snakemake.input.fed_back), labels)
        write_table(snakemake.output[0], pd.DataFrame(rows, columns=["answer", "value"]))

"""Classify the test codes in the plane by their nearest training codes, and measure what overlaps.

In: the codes of all images under every model of the plane, labels, test images. Out:

- `neighbours.csv`: a row a model and digit (`all` for all): accuracy of the nearest neighbour in percent over
  the test codes and over the first 1,000, and the mean silhouette of the digit's test codes.
- `confusion.csv`: a row a model and digit: which digit the nearest neighbour has, in percent.
- `plane.csv`: a row a model: accuracy of the nearest and of the five nearest (shares), chance, silhouette (by
  digit, test codes), trustworthiness (5 neighbours, a sample of the test images; Venna and Kaski 2001), the digit
  that keeps together best and the one worst, the pair that overlaps most, shares of the codes at zero.
"""

import numpy as np
import pandas as pd

from aelab.analysis import neighbours
from aelab.data import datasets, idx
from aelab.data.randomness import generator
from aelab.data.shown import Shown
from aelab.files.arrays import read_array
from aelab.files.atomic import write_table
from aelab.jobs import frame
from aelab.plan import specs


def by_digit(right, labels, classes):
    """Percent of the images of each class, and of all, for which `right` (n,) is true: (classes + 1,), NaN for none."""
    groups = [labels == digit for digit in range(classes)] + [np.ones(len(labels), bool)]
    return [100 * right[own].mean() if own.any() else np.nan for own in groups]


def silhouettes(codes, labels, classes):
    """Mean silhouette of the codes of each class, and of all: (classes + 1,)."""
    from sklearn.metrics import silhouette_samples

    values = silhouette_samples(codes, labels)
    return [values[labels == digit].mean() for digit in range(classes)] + [values.mean()]


def trustworthiness(images, codes):
    """How far neighbours in the plane are neighbours among the images (n, pixels), in [0, 1]."""
    from sklearn.manifold import trustworthiness as measured

    return measured(images, codes, n_neighbors=5)


def at_zero(codes):
    """Shares of all codes (n, 2) whose first, second, either and both numbers are exactly zero."""
    zero = codes == 0
    names = ("first_at_zero", "second_at_zero", "either_at_zero", "both_at_zero")
    return dict(zip(names, map(float, (*zero.mean(0), zero.any(1).mean(), zero.all(1).mean())), strict=True))


def compare(train, train_labels, test, test_labels, images, sample, data):
    """One model's three tables without its name; codes (n, 2), test images (n, pixels), numbers of a sample of them."""
    classes = len(data.classes)
    found = neighbours.nearest_labels(train, train_labels, test)
    five = neighbours.nearest_labels(train, train_labels, test, 5)
    confusion = neighbours.confusion(test_labels, found, classes)
    kept = np.diag(confusion)
    first, second, share = neighbours.most_confused(confusion)
    silhouette = silhouettes(test, test_labels, classes)
    digits = pd.DataFrame(
        {
            "digit": [*data.classes, "all"],
            "one_nn_percent": by_digit(found == test_labels, test_labels, classes),
            "one_nn_percent_first_1000": by_digit((found == test_labels)[:1000], test_labels[:1000], classes),
            "silhouette": silhouette,
        }
    )
    table = pd.DataFrame(100 * confusion, columns=[f"neighbour_{name}" for name in data.classes])
    table.insert(0, "digit", data.classes)
    plane = {
        "one_nn": (found == test_labels).mean(),
        "one_nn_first_1000": (found == test_labels)[:1000].mean(),
        "five_nn": (five == test_labels).mean(),
        "chance": neighbours.chance(train_labels, test_labels, classes),
        "silhouette": silhouette[-1],
        "trustworthiness": trustworthiness(images[sample], test[sample]),
        "best_kept_digit": data.name(kept.argmax()),
        "best_kept_share": kept.max(),
        "worst_kept_digit": data.name(kept.argmin()),
        "worst_kept_share": kept.min(),
        "overlap_first": data.name(first),
        "overlap_second": data.name(second),
        "overlap_share": share,
        **at_zero(np.concatenate([train, test])),
    }
    return digits, table, pd.DataFrame([plane])


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        images, test_labels = datasets.read_labelled(snakemake.input.test_images, snakemake.input.test_labels)
        train_labels = idx.read_labels(snakemake.input.train_labels)
        settings = spec["trustworthiness"]
        draw = generator("trustworthiness", settings["seed"])
        sample = draw.choice(len(images), min(settings["images"], len(images)), replace=False)
        tables = [[], [], []]
        for member, train, test in zip(
            spec["members"], snakemake.input.train_codes, snakemake.input.test_codes, strict=True
        ):
            measured = compare(
                np.asarray(read_array(train, (len(train_labels), 2))),
                train_labels,
                np.asarray(read_array(test, (len(test_labels), 2))),
                test_labels,
                datasets.unit(images),
                sample,
                Shown.of(spec),
            )
            for all_models, own in zip(tables, measured, strict=True):
                own.insert(0, "model", member["name"])
                all_models.append(own)
        for name, parts in zip(("by_digit", "confusion", "plane"), tables, strict=True):
            write_table(snakemake.output[name], pd.concat(parts, ignore_index=True))

"""Classify test codes in the plane by their nearest training codes, and measure which digits overlap.

Inputs: the codes of all images under every model of the plane; labels; test images.

Outputs:

- `neighbours.csv`, one row per model and digit (`all` for all digits): over all test codes and over the first 1,000
  the accuracy of the nearest neighbour in percent, whether that is significantly better or worse than that of the other
  digits, and the p-value (of `all`: that all digits are alike); the mean silhouette of the digit's test codes; and the
  percentage of the digit's codes, training included, that have a number at zero.
- `confusion.csv`, one row per model and digit: which digit the nearest neighbour has, in percent.
- `plane.csv`, one row per model: accuracy of the nearest and of the five nearest neighbours (shares); accuracy by
  chance, and how many digits are significantly above it; silhouette of the test codes by digit; trustworthiness (five
  neighbours, a sample of the test images); the digits kept together best and worst; the pair of digits that overlaps
  most; how overlap and keeping together go with the images' likeness; mean, deviation and correlation of the codes;
  shares of the codes at zero.

References
----------
J. Venna and S. Kaski (2001), Neighborhood preservation in nonlinear projection methods: an experimental study
(trustworthiness).
"""

import numpy as np
import pandas as pd

from aelab.analysis import likeness, neighbours, significance
from aelab.data import datasets, idx
from aelab.data.randomness import generator
from aelab.data.shown import Shown
from aelab.files.arrays import read_array
from aelab.files.atomic import write_table
from aelab.jobs import frame
from aelab.plan import specs

FIRST = 1000  # test images that are looked at beside all of them
WORDS = {1: "better", 0: "neither", -1: "worse"}


def by_digit(right: np.ndarray, labels: np.ndarray, classes: int) -> list[float]:
    """Compute the percentage of images of each class, and of all images, that are right.

    Parameters
    ----------
    right : np.ndarray
        Whether each image is right, booleans (n,).
    labels : np.ndarray
        Class numbers (n,).
    classes : int
        Number of classes.

    Returns
    -------
    list of float
        Percentages (classes + 1,), NaN for a class without images; the last is that of all images.
    """
    groups = [labels == digit for digit in range(classes)] + [np.ones(len(labels), bool)]
    return [100 * right[own].mean() if own.any() else np.nan for own in groups]


def silhouettes(codes: np.ndarray, labels: np.ndarray, classes: int) -> list[float]:
    """Compute the mean silhouette of the codes of each class, and of all codes.

    Parameters
    ----------
    codes : np.ndarray
        Codes (n, 2).
    labels : np.ndarray
        Class numbers (n,).
    classes : int
        Number of classes.

    Returns
    -------
    list of float
        Mean silhouettes (classes + 1,), in [-1, 1]; the last is that of all codes.
    """
    from sklearn.metrics import silhouette_samples

    values = silhouette_samples(codes, labels)
    return [values[labels == digit].mean() for digit in range(classes)] + [values.mean()]


def trustworthiness(images: np.ndarray, codes: np.ndarray) -> float:
    """Compute how far neighbours in the plane are neighbours among the images.

    Parameters
    ----------
    images : np.ndarray
        Images (n, pixels).
    codes : np.ndarray
        Their codes (n, 2).

    Returns
    -------
    float
        Trustworthiness for five neighbours, in [0, 1], by scikit-learn.
    """
    from sklearn.manifold import trustworthiness as measured

    return measured(images, codes, n_neighbors=5)


def at_zero(codes: np.ndarray) -> dict[str, float]:
    """Compute the shares of codes (n, 2) whose first, second, either or both numbers are exactly zero."""
    zero = codes == 0
    names = ("first_at_zero", "second_at_zero", "either_at_zero", "both_at_zero")
    return dict(zip(names, map(float, (*zero.mean(0), zero.any(1).mean(), zero.all(1).mean())), strict=True))


def distribution(codes: np.ndarray) -> dict[str, float]:
    """Compute mean and standard deviation of either number of codes (n, 2), and how the two are correlated."""
    mean, deviation = codes.mean(0, dtype=np.float64), codes.std(0, dtype=np.float64)
    moved = (codes - mean).prod(1, dtype=np.float64).mean()
    return {
        "first_mean": mean[0],
        "second_mean": mean[1],
        "first_deviation": deviation[0],
        "second_deviation": deviation[1],
        "correlation": moved / deviation.prod() if deviation.all() else np.nan,
    }


def tested(right: np.ndarray, labels: np.ndarray, chances: np.ndarray, suffix: str) -> tuple[dict, dict]:
    """Test which classes are right more often than others, and than a random answer.

    Parameters
    ----------
    right : np.ndarray
        Whether each image is right, booleans (n,).
    labels : np.ndarray
        Class numbers (n,).
    chances : np.ndarray
        Probability (classes,) that a random answer is this class.
    suffix : str
        What the names of the columns end in.

    Returns
    -------
    digits : dict
        Columns of the table by class (classes + 1,).
    plane : dict
        Values of the table of the whole plane.
    """
    classes = len(chances)
    probabilities, sides = significance.against_the_others(right, labels, classes)
    above = significance.above_chance(right, labels, chances) < significance.LEVEL
    digits = {
        f"one_nn_percent{suffix}": by_digit(right, labels, classes),
        f"stands_out{suffix}": [*(WORDS[side] for side in sides), ""],
        f"p{suffix}": [*probabilities, significance.all_alike(right, labels)],
    }
    plane = {
        f"one_nn{suffix}": right.mean(),
        f"chance{suffix}": chances[labels].mean(),
        f"expected_right{suffix}": chances[labels].sum(),
        f"digits_above_chance{suffix}": int(above.sum()),
        f"digits_better{suffix}": int((sides > 0).sum()),
        f"digits_worse{suffix}": int((sides < 0).sum()),
    }
    return digits, plane


def compare(
    train: np.ndarray,
    train_labels: np.ndarray,
    test: np.ndarray,
    test_labels: np.ndarray,
    images: np.ndarray,
    sample: np.ndarray,
    look: tuple[np.ndarray, np.ndarray],
    data: Shown,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Compute the three tables of one model, without the column of its name.

    Parameters
    ----------
    train : np.ndarray
        Training codes (m, 2).
    train_labels : np.ndarray
        Class numbers of the training codes (m,).
    test : np.ndarray
        Test codes (n, 2).
    test_labels : np.ndarray
        Class numbers of the test codes (n,).
    images : np.ndarray
        Test images (n, pixels) with pixels in [0, 1].
    sample : np.ndarray
        Row numbers of the test images whose trustworthiness is computed.
    look : tuple of np.ndarray
        Distances between the mean images of the classes (classes, classes), and spread of each class (classes,).
    data : Shown
        Names of the classes.

    Returns
    -------
    digits : pd.DataFrame
        Accuracy and silhouette, one row per class and one for all.
    table : pd.DataFrame
        Confusion in percent, one row per class.
    plane : pd.DataFrame
        One row of measures of the whole plane.
    """
    classes = len(data.classes)
    found = neighbours.nearest_labels(train, train_labels, test)
    five = neighbours.nearest_labels(train, train_labels, test, 5)
    confusion = neighbours.confusion(test_labels, found, classes)
    kept = np.diag(confusion)
    first, second, share = neighbours.most_confused(confusion)
    silhouette = silhouettes(test, test_labels, classes)
    codes, labels, right = (
        np.concatenate([train, test]),
        np.concatenate([train_labels, test_labels]),
        found == test_labels,
    )
    chances = np.bincount(train_labels, minlength=classes) / len(train_labels)
    of_all, plane_of_all = tested(right, test_labels, chances, "")
    of_first, plane_of_first = tested(right[:FIRST], test_labels[:FIRST], chances, "_first_1000")
    clipped = by_digit((codes == 0).any(1), labels, classes)
    digits = pd.DataFrame(
        {
            "digit": [*data.classes, "all"],
            **of_all,
            **of_first,
            "silhouette": silhouette,
            "at_zero_percent": clipped,
        }
    )
    table = pd.DataFrame(100 * confusion, columns=[f"neighbour_{name}" for name in data.classes])
    table.insert(0, "digit", data.classes)
    plane = {
        **plane_of_all,
        **plane_of_first,
        "five_nn": (five == test_labels).mean(),
        "silhouette": silhouette[-1],
        "trustworthiness": trustworthiness(images[sample], test[sample]),
        "best_kept_digit": data.name(kept.argmax()),
        "best_kept_share": kept.max(),
        "worst_kept_digit": data.name(kept.argmin()),
        "worst_kept_share": kept.min(),
        "overlap_first": data.name(first),
        "overlap_second": data.name(second),
        "overlap_share": share,
        **likeness.of_overlap(confusion, *look),
        "kept_by_silhouette": significance.rank_correlation(kept, silhouette[:-1]),
        **distribution(codes),
        **at_zero(codes),
        "clipped_most_digit": data.name(np.nanargmax(clipped[:-1])),
        "clipped_most_share": np.nanmax(clipped[:-1]) / 100,
        "clipped_most_over_all": np.nanmax(clipped[:-1]) / clipped[-1] if clipped[-1] else np.nan,
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
        images, data = datasets.unit(images), Shown.of(spec)
        look = [measure(images, test_labels, len(data.classes)) for measure in (likeness.distances, likeness.spreads)]
        tables = [[], [], []]
        for member, train, test in zip(
            spec["members"], snakemake.input.train_codes, snakemake.input.test_codes, strict=True
        ):
            measured = compare(
                np.asarray(read_array(train, (len(train_labels), 2))),
                train_labels,
                np.asarray(read_array(test, (len(test_labels), 2))),
                test_labels,
                images,
                sample,
                look,
                data,
            )
            for all_models, own in zip(tables, measured, strict=True):
                own.insert(0, "model", member["name"])
                all_models.append(own)
        for name, parts in zip(("by_digit", "confusion", "plane"), tables, strict=True):
            write_table(snakemake.output[name], pd.concat(parts, ignore_index=True))

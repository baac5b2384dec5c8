"""Answer the questions of the latent-plane study with numbers.

Inputs: the tables of neighbours by digit, of the plane and of the generators; the models' tables by digit; the fit of
the classifiers; their histories; test images.

Outputs: `answers.csv`, one row (name, value) per answer; and `classifiers.csv`, the fit of each classifier with a
verdict.

A classifier overfits if its last test loss is more than `overfits_above` times its lowest, and underfits if its
accuracy on the images it was trained on is below `underfits_below`.

Answers that say of each class whether something holds, 1 or 0, end in the number of the class.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from aelab.data import datasets, idx
from aelab.data.shown import Shown
from aelab.files.atomic import write_table
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs

OF_PLANE = ["best_kept_digit", "worst_kept_digit", "overlap_first", "overlap_second", "clipped_most_digit"]
OF_GENERATORS = ["commonest_digit", "left_digit", "right_digit", "top_digit", "bottom_digit"]
OF_DIGIT = ("one_nn_percent", "one_nn_percent_first_1000", "silhouette", "at_zero_percent")
STANDS_OUT = ["stands_out", "stands_out_first_1000"]
VERDICTS = {(False, False): "fits", (True, False): "overfits", (False, True): "underfits", (True, True): "both"}


def judged(
    fits: pd.DataFrame, histories: list[pd.DataFrame], overfits_above: float, underfits_below: float
) -> pd.DataFrame:
    """Add to the table of fits what the test loss did, and the verdict.

    Parameters
    ----------
    fits : pd.DataFrame
        The table of `measure_classifiers`, one row per classifier.
    histories : list of pd.DataFrame
        The history of each classifier, in the order of the rows; its validation loss is the test loss.
    overfits_above : float
        A classifier overfits if its last test loss, divided by its lowest, is greater.
    underfits_below : float
        A classifier underfits if its training accuracy is lower.

    Returns
    -------
    pd.DataFrame
        A copy with the added columns.
    """
    table = fits.copy()
    table["lowest_test_loss"] = [history["validation_loss"].min() for history in histories]
    table["lowest_at_epoch"] = [int(history["epoch"][history["validation_loss"].idxmin()]) for history in histories]
    table["epochs"] = [len(history) for history in histories]
    last = [history["validation_loss"].iloc[-1] for history in histories]
    table["last_over_lowest"] = last / table["lowest_test_loss"]
    table["test_over_train"] = table["test_loss"] / table["train_loss"]
    over, under = table["last_over_lowest"] > overfits_above, table["train_accuracy"] < underfits_below
    table["verdict"] = [VERDICTS[bool(o), bool(u)] for o, u in zip(over, under, strict=True)]
    return table


def numbered(table: pd.DataFrame, columns: list[str], data: Shown) -> pd.DataFrame:
    """Replace names of classes by their numbers.

    Parameters
    ----------
    table : pd.DataFrame
        Any table.
    columns : list of str
        The columns that hold names of classes.
    data : Shown
        Names of the classes.

    Returns
    -------
    pd.DataFrame
        A copy of the table.
    """
    return table.assign(**{column: data.numbers(table[column]) for column in columns})


def of_planes(plane: pd.DataFrame, by_digit: pd.DataFrame, data: Shown) -> list[tuple[str, float]]:
    """List the answers about the models of the plane and about each digit.

    Parameters
    ----------
    plane : pd.DataFrame
        One row per model, as `compare_neighbours` writes it, with class numbers in place of names.
    by_digit : pd.DataFrame
        One row per model and class, in the order of the classes, each model's rows ending with the one of all classes.
    data : Shown
        Names of the classes.

    Returns
    -------
    list of tuple of str and float
        `<model>.<quantity>`, and `<model>.<quantity>.<class number>` for quantities of a class, with their values.
    """
    rows = [
        (f"{model}.{quantity}", value)
        for model, row in plane.set_index("model").iterrows()
        for quantity, value in row.items()
    ]
    for n, row in enumerate(by_digit.to_dict("records")):
        number = n % (len(data.classes) + 1)  # the row after those of the classes is that of all
        if number == len(data.classes):
            continue
        rows += [(f"{row['model']}.{quantity}.{number}", row[quantity]) for quantity in OF_DIGIT]
        for suffix in ("", "_first_1000"):
            rows += [
                (f"{row['model']}.{word}{suffix}.{number}", int(row[f"stands_out{suffix}"] == word))
                for word in ("better", "worse")
            ]
    return rows


def of_generators(generators: pd.DataFrame, data: Shown) -> list[tuple[str, float]]:
    """List every number of the table of generators under the name `<model>.<grid>.<quantity>`.

    Instead of how many images of each class are read surely, it says whether any is: `recognised`.
    """
    of_class = {f"surely_read_as_{name}": number for number, name in enumerate(data.classes)}
    rows = []
    for (model, grid), row in generators.set_index(["model", "grid"]).iterrows():
        for quantity, value in row.items():
            if quantity in of_class:
                rows.append((f"{model}.{grid}.recognised.{of_class[quantity]}", int(value > 0)))
            else:
                rows.append((f"{model}.{grid}.{quantity}", value))
    return rows


def of_reconstructions(names: list[str], tables: list[pd.DataFrame]) -> list[tuple[str, float]]:
    """List which digit's reconstructions the judge reads best and worst, and how often as that digit.

    Parameters
    ----------
    names : list of str
        The models.
    tables : list of pd.DataFrame
        Their tables by digit, in the same order.

    Returns
    -------
    list of tuple of str and float
        `<model>.<best|worst>_read_<digit|share>` with values; digits are class numbers.
    """
    rows = []
    for name, table in zip(names, tables, strict=True):
        shares = table.set_index("digit")["read_as_its_digit"]
        for word, number in (("best", shares.idxmax()), ("worst", shares.idxmin())):
            rows += [(f"{name}.{word}_read_digit", number), (f"{name}.{word}_read_share", shares[number])]
    return rows


def error_of_blocks(images: np.ndarray, shape: tuple[int, int]) -> float:
    """Compute the least MSE per pixel that images in equal blocks of 2 x 2 pixels can have: that of the blocks' means.

    The blocks lie as `conv_plane` models put them: an image is centred on a larger one, whose sides are multiples of
    four. Where a side of the image is not, blocks at the border may be cut.

    Parameters
    ----------
    images : np.ndarray
        Images (n, pixels) with pixels in [0, 1].
    shape : tuple of int
        Rows and columns of an image.

    Returns
    -------
    float
    """
    rows, columns = ((np.arange(side) + (-side // 2) % 2) // 2 for side in shape)
    block = (rows[:, None] * (columns[-1] + 1) + columns).ravel()
    sizes = np.bincount(block)
    kept = [np.square(np.bincount(block, weights=image)) / np.maximum(sizes, 1) for image in images]
    return float((np.square(images, dtype=np.float64).sum() - np.sum(kept)) / images.size)


def of_classifiers(table: pd.DataFrame) -> list[tuple[str, float]]:
    """List the numbers of each classifier, `<model>.<quantity>`, and how many classifiers over- and underfit."""
    rows = [
        (f"{model}.{quantity}", value)
        for model, row in table.drop(columns="verdict").set_index("model").iterrows()
        for quantity, value in row.items()
    ]
    rows += [(f"{model}.overfits", int(verdict in ("overfits", "both"))) for model, verdict in pairs(table)]
    rows += [(f"{model}.underfits", int(verdict in ("underfits", "both"))) for model, verdict in pairs(table)]
    rows.append(("classifiers.all", len(table)))
    for verdict in ("overfits", "underfits"):
        rows.append((f"classifiers.{verdict}", int(table["verdict"].isin([verdict, "both"]).sum())))
    return rows


def pairs(table: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """Iterate over the model and the verdict of each row."""
    return zip(table["model"], table["verdict"], strict=True)


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        data = Shown.of(spec)
        table = judged(
            read_table(snakemake.input.fits, ["model", "train_loss", "train_accuracy", "test_loss", "test_accuracy"]),
            [read_table(path, ["epoch", "training_loss", "validation_loss"]) for path in snakemake.input.histories],
            spec["fit"]["overfits_above"],
            spec["fit"]["underfits_below"],
        )
        write_table(snakemake.output.classifiers, table)
        rows = of_planes(
            numbered(read_table(snakemake.input.plane, ["model", "one_nn"], OF_PLANE), OF_PLANE, data),
            read_table(snakemake.input.by_digit, ["model", "digit", *OF_DIGIT], ["digit", *STANDS_OUT]),
            data,
        )
        generators = read_table(snakemake.input.generators, ["model", "grid", "surely_read"], OF_GENERATORS)
        rows += of_generators(numbered(generators, OF_GENERATORS, data), data)
        rows += of_reconstructions(
            [member["name"] for member in spec["members"]],
            [read_table(path, ["digit", "read_as_its_digit"]) for path in snakemake.input.reconstructions],
        )
        rows += of_classifiers(table)
        images = datasets.unit(idx.read_images(snakemake.input.test_images))
        rows.append(("blocks.mse", error_of_blocks(images, data.shape)))
        write_table(snakemake.output.answers, pd.DataFrame(rows, columns=["answer", "value"]))

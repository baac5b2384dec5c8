"""Answer the questions of the latent-plane study with numbers.

Inputs: the tables of neighbours by digit, of the plane and of the generators; the fit of the classifiers; their
histories.

Outputs: `answers.csv`, one row (name, value) per answer; and `classifiers.csv`, the fit of each classifier with a
verdict.

A classifier overfits if its last test loss is more than `overfits_above` times its lowest, and underfits if its
accuracy on the images it was trained on is below `underfits_below`.
"""

from collections.abc import Iterator

import pandas as pd

from aelab.data.shown import Shown
from aelab.files.atomic import write_table
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs

OF_PLANE = ["best_kept_digit", "worst_kept_digit", "overlap_first", "overlap_second"]
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
        for quantity in ("one_nn_percent", "one_nn_percent_first_1000", "silhouette"):
            rows.append((f"{row['model']}.{quantity}.{number}", row[quantity]))
    return rows


def of_generators(generators: pd.DataFrame) -> list[tuple[str, float]]:
    """List every number of the table of generators under the name `<model>.<grid>.<quantity>`."""
    return [
        (f"{model}.{grid}.{quantity}", value)
        for (model, grid), row in generators.set_index(["model", "grid"]).iterrows()
        for quantity, value in row.items()
    ]


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
            read_table(snakemake.input.by_digit, ["model", "digit", "one_nn_percent", "silhouette"], ["digit"]),
            data,
        )
        generators = read_table(snakemake.input.generators, ["model", "grid", "surely_read"], ["commonest_digit"])
        rows += of_generators(numbered(generators, ["commonest_digit"], data))
        rows += of_classifiers(table)
        write_table(snakemake.output.answers, pd.DataFrame(rows, columns=["answer", "value"]))

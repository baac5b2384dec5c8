"""Answer the plane study's questions by numbers.

In: the tables of neighbours, confusion, planes and generators, how the classifiers fit, their histories. Out:
`answers.csv`, a row an answer (name, value), and `classifiers.csv`: each classifier's fit with a verdict.

A classifier overfits where its test loss ends above `overfits_above` times the lowest it had been, and
underfits where its accuracy on the very images that it learnt from stays below `underfits_below`.
"""

import pandas as pd

from aelab.data.shown import Shown
from aelab.files.atomic import write_table
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs

OF_PLANE = ["best_kept_digit", "worst_kept_digit", "overlap_first", "overlap_second"]
VERDICTS = {(False, False): "fits", (True, False): "overfits", (False, True): "underfits", (True, True): "both"}


def judged(fits, histories, overfits_above, underfits_below):
    """The table of fits with what the test loss did and the verdict; histories in the order of its rows."""
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


def numbered(table, columns, data):
    """A table whose names of classes are their numbers."""
    return table.assign(**{column: data.numbers(table[column]) for column in columns})


def of_planes(plane, by_digit, data):
    """Numbers of each model of the plane, `model.quantity`, and of its classes, `model.quantity.number`."""
    rows = [
        (f"{model}.{quantity}", value)
        for model, row in plane.set_index("model").iterrows()
        for quantity, value in row.items()
    ]
    for n, row in enumerate(by_digit.to_dict("records")):
        number = n % (len(data.classes) + 1)  # after the classes comes the row of all
        if number == len(data.classes):
            continue
        for quantity in ("one_nn_percent", "one_nn_percent_first_1000", "silhouette"):
            rows.append((f"{row['model']}.{quantity}.{number}", row[quantity]))
    return rows


def of_generators(generators):
    """Numbers of each grid, `model.grid.quantity`."""
    return [
        (f"{model}.{grid}.{quantity}", value)
        for (model, grid), row in generators.set_index(["model", "grid"]).iterrows()
        for quantity, value in row.items()
    ]


def of_classifiers(table):
    """Numbers of each classifier, and how many of them over- and underfit."""
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


def pairs(table):
    """Model and verdict of each row."""
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

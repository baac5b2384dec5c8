"""Answer the questions of the bottleneck study with numbers.

Inputs: each model's table by digit; the histories; the decoded points.

Outputs: `answers.csv`, one row (name, value) per answer, where a name joins the model, the quantity and the digit with
dots; and a table of the mean code of each digit under the widest model of the first group, with the rule of thumb read
off it.

- `<model>.read_as_its_digit.<digit>`, the share of a digit's reconstructions that are read as that digit;
  `<model>.rank.<digit>`, 1 for the digit with the largest share; `<model>.digits_recognised`;
- `<model>.lowest_training_loss` and `<model>.lowest_validation_loss`, over the epochs, and
  `<model>.share_of_fall_by_epoch_50`;
- `<model>.<source>_point_right.<digit>`, 1 if a decoded point is read as the digit meant, their number
  `<model>.<source>_points_right` and `<model>.<source>_points_right_on_other_scale`; `<model>.distinct_relations`, how
  many digits have different rules of thumb;
- if the classes are the digits 0 to 9, `<model>.nines_read_as_seven`, `<model>.sevens_read_as_nine` and
  `<model>.nines_misread_as`, the digit that nines are most often misread as.
"""

import numpy as np
import pandas as pd

from aelab.data.shown import Shown
from aelab.files.atomic import write_table
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs


def share_of_fall(history: pd.DataFrame, epoch: int) -> float:
    """Compute the share of the total decrease of the training loss that is reached after some epochs.

    Parameters
    ----------
    history : pd.DataFrame
        The history of a model, at least one epoch.
    epoch : int
        Number of epochs; a shorter history counts to its end.

    Returns
    -------
    float
        The share.
    """
    loss = history["training_loss"]
    return float((loss.iloc[0] - loss.iloc[min(epoch, len(loss)) - 1]) / (loss.iloc[0] - loss.min()))


def of_history(name: str, history: pd.DataFrame, epoch: int) -> list[tuple[str, float]]:
    """List the answers about a training: lowest losses, and how early the training loss falls."""
    rows = [(f"{name}.lowest_{part}_loss", history[f"{part}_loss"].min()) for part in ("training", "validation")]
    rows = [(answer, value) for answer, value in rows if pd.notna(value)]
    return [*rows, (f"{name}.share_of_fall_by_epoch_{epoch}", share_of_fall(history, epoch))]


def of_points(name: str, points: pd.DataFrame) -> list[tuple[str, float]]:
    """List the answers about the decoded points of a model, source by source."""
    rows = [(f"{name}.distinct_relations", points.loc[points["source"] == "mean", "relation"].nunique())]
    for source, some in points.groupby("source"):
        right = (some["read_as"] == some["digit"]).astype(int)
        rows.append((f"{name}.{source}_points_right", right.sum()))
        other = (some["read_as_on_other_scale"] == some["digit"]).sum()
        rows.append((f"{name}.{source}_points_right_on_other_scale", other))
        rows += [
            (f"{name}.{source}_point_right.{digit}", value) for digit, value in zip(some["digit"], right, strict=True)
        ]
    return rows


def of_sevens_and_nines(name: str, table: pd.DataFrame) -> list[tuple[str, float]]:
    """List how the judge takes reconstructed sevens and nines for each other.

    Parameters
    ----------
    name : str
        The model.
    table : pd.DataFrame
        Its table by digit, of the digits 0 to 9, indexed by digit.
    """
    nines = np.array([table.loc[9, f"read_as_{digit}"] for digit in range(9)])
    return [
        (f"{name}.nines_read_as_seven", nines[7]),
        (f"{name}.sevens_read_as_nine", table.loc[7, "read_as_9"]),
        (f"{name}.nines_misread_as", int(nines.argmax())),
    ]


def answers(
    members: list[dict],
    by_digit: list[pd.DataFrame],
    histories: list[pd.DataFrame],
    points: pd.DataFrame,
    recognised_at: float,
    classes: list[str],
    epoch: int = 50,
) -> list[tuple[str, float]]:
    """List the answers for every model.

    Parameters
    ----------
    members : list of dict
        The models of the study, with their `name`.
    by_digit : list of pd.DataFrame
        The table by digit of each model, in the same order.
    histories : list of pd.DataFrame
        The history of each model, in the same order; empty for models that are not trained by gradients.
    points : pd.DataFrame
        The table of `decode_points`, with class numbers in place of names.
    recognised_at : float
        A model recognises a digit if at least this share of its reconstructions is read as that digit.
    classes : list of str
        Names of the classes.
    epoch : int, default=50
        Epoch at which the decrease of the training loss is compared with its total decrease.

    Returns
    -------
    list of tuple of str and float
        Names and values.
    """
    rows, digits = [], [str(digit) for digit in range(10)]
    for member, table, history in zip(members, by_digit, histories, strict=True):
        name, table = member["name"], table.set_index("digit")
        share = table["read_as_its_digit"]
        rows += [(f"{name}.read_as_its_digit.{digit}", value) for digit, value in share.items()]
        rows += [(f"{name}.rank.{digit}", 1 + int((share > value).sum())) for digit, value in share.items()]
        rows.append((f"{name}.digits_recognised", int((share >= recognised_at).sum())))
        if list(classes) == digits:
            rows += of_sevens_and_nines(name, table)
        if len(history):
            rows += of_history(name, history, epoch)
        rows += of_points(name, points[points["model"] == name])
    return rows


def mean_codes(points: pd.DataFrame, model: str) -> pd.DataFrame:
    """Select the mean code and the rule of thumb of each digit under one model, and what the mean code decodes to.

    Parameters
    ----------
    points : pd.DataFrame
        The table of `decode_points`.
    model : str
        The model.

    Returns
    -------
    pd.DataFrame
        One row per digit, without the columns `model` and `source` and without columns that are empty for this model.
    """
    own = points[(points["model"] == model) & (points["source"] == "mean")].dropna(axis=1, how="all")
    return own.drop(columns=["model", "source"])


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        names = ["digit", "read_as", "read_as_on_other_scale"]
        points = read_table(snakemake.input.points, ["model", "source", *names], [*names, "relation"])
        shown, data = points.copy(), Shown.of(spec)
        for column in names:
            points[column] = data.numbers(points[column])
        rows = answers(
            spec["members"],
            [read_table(path, ["digit", "read_as_its_digit"]) for path in snakemake.input.by_digit],
            [read_table(path, ["epoch", "training_loss", "validation_loss"]) for path in snakemake.input.histories],
            points,
            spec["recognised_at"],
            data.classes,
        )
        write_table(snakemake.output.answers, pd.DataFrame(rows, columns=["answer", "value"]))
        first_group = spec["members"][0]["group"]  # the published models, if there are any
        widest = [member["name"] for member in spec["members"] if member["group"] == first_group][-1]
        write_table(snakemake.output.mean_codes, mean_codes(shown, widest))

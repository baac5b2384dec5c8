"""Answer the questions of the bottleneck study with numbers.

Inputs: each model's table by digit; the histories; the decoded points.

Outputs: `answers.csv`, one row (name, value) per answer, where a name joins the model, the quantity and the digit with
dots; and a table of the mean code of each digit under the widest model of the first group.
"""

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


def answers(
    members: list[dict],
    by_digit: list[pd.DataFrame],
    histories: list[pd.DataFrame],
    points: pd.DataFrame,
    recognised_at: float,
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
    epoch : int, default=50
        Epoch at which the decrease of the training loss is compared with its total decrease.

    Returns
    -------
    list of tuple of str and float
        Names and values.
    """
    rows = []
    for member, table, history in zip(members, by_digit, histories, strict=True):
        name = member["name"]
        share = table.set_index("digit")["read_as_its_digit"]
        rows += [(f"{name}.read_as_its_digit.{digit}", value) for digit, value in share.items()]
        rows.append((f"{name}.digits_recognised", int((share >= recognised_at).sum())))
        if len(history):
            rows.append((f"{name}.share_of_fall_by_epoch_{epoch}", share_of_fall(history, epoch)))
        own = points[points["model"] == name]
        for source, some in own.groupby("source"):
            rows.append((f"{name}.{source}_points_right", int((some["read_as"] == some["digit"]).sum())))
            for _, point in some.iterrows():
                right = int(point["read_as"] == point["digit"])
                rows.append((f"{name}.{source}_point_right.{point['digit']:.0f}", right))
    return rows


def mean_codes(points: pd.DataFrame, model: str) -> pd.DataFrame:
    """Select the mean code of each digit under one model, and how the judge reads the image decoded from it.

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
        points = read_table(snakemake.input.points, ["model", "source", "digit", "read_as"], ["digit", "read_as"])
        shown, data = points.copy(), Shown.of(spec)
        for column in ("digit", "read_as"):
            points[column] = data.numbers(points[column])
        rows = answers(
            spec["members"],
            [read_table(path, ["digit", "read_as_its_digit"]) for path in snakemake.input.by_digit],
            [read_table(path, ["epoch", "training_loss"]) for path in snakemake.input.histories],
            points,
            spec["recognised_at"],
        )
        write_table(snakemake.output.answers, pd.DataFrame(rows, columns=["answer", "value"]))
        first_group = spec["members"][0]["group"]  # the published models, if there are any
        widest = [member["name"] for member in spec["members"] if member["group"] == first_group][-1]
        write_table(snakemake.output.mean_codes, mean_codes(shown, widest))

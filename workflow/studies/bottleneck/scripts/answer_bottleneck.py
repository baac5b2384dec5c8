"""Answer the bottleneck study's questions by numbers.

In: metrics, each model's table by digit, histories, decoded points. Out: `answers.csv`, a row an answer
(name, value); names are made of the model, the quantity and the digit, joined by dots. The mean codes of
each digit under the wider published model are a table of their own.
"""

import pandas as pd

from aelab.data.shown import Shown
from aelab.files.atomic import write_table
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs


def share_of_fall(history, epoch):
    """Share of the whole fall of the training loss that was done after `epoch` epochs; 1 for shorter trainings."""
    loss = history["training_loss"]
    return float((loss.iloc[0] - loss.iloc[min(epoch, len(loss)) - 1]) / (loss.iloc[0] - loss.min()))


def answers(members, by_digit, histories, points, recognised_at, epoch=50):
    """Pairs (name, value) for every model."""
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


def mean_codes(points, model):
    """Digit and mean code of one model, with what the decoded mean reads as."""
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
        first_group = spec["members"][0]["group"]  # the published models, where there are any
        widest = [member["name"] for member in spec["members"] if member["group"] == first_group][-1]
        write_table(snakemake.output.mean_codes, mean_codes(shown, widest))

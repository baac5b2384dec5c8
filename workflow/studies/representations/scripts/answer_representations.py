"""Answer the questions of the study of representations with numbers.

Inputs: the tables of `probe_codes`, two for each group; the table of `measure_planes`; the metrics of the classifiers.

Outputs:

- `answers.csv`, one row (name, value) per answer. For each representation `probe_<n>` and `nearest_<n>`, the accuracies
  of the linear probe and of the nearest neighbour with n labelled images of each class (`all`: with all labels), mean
  over draws, and the same by the words `few` and `most` for the smallest and the largest n, which are `labels.few` and
  `labels.most`; `ceiling` and `squared_error`; for planes the columns of their table. `beyond_the_ceiling` counts
  accuracies above their ceiling. `linear.least_excess` is how much more a linear code leaves of the squared error than
  the pixels, at least, to the sixth decimal. `better_than_pixels.<quantity>` is the share of the trained models that
  are better than the pixels, of which there are `models`, and `best.<quantity>` is the best of their values.
- `representations.csv`, the same with one row per representation.
- `classifiers.csv`, one row per classifier: where its weights come from (`start`), `labels`, `accuracy`.
"""

import pandas as pd

from aelab.files.atomic import write_table
from aelab.files.tables import read_metrics, read_table
from aelab.jobs import frame
from aelab.plan import specs

PIXELS, REFERENCES = "pixels", "references"
BY = ("probe", "nearest")
SCRATCH = "random weights"
DIGITS = 6  # of an excess; codes are float32


def by_representation(probes: list[pd.DataFrame], limits: list[pd.DataFrame], groups: list[str]) -> pd.DataFrame:
    """Tabulate the accuracies, one row per representation.

    Parameters
    ----------
    probes, limits : list of pd.DataFrame
        The tables of `probe_codes`, one of each kind per group.
    groups : list of str
        The groups, in the same order.

    Returns
    -------
    pd.DataFrame
        `representation`, `group`, `size`, `probe_<n>` and `nearest_<n>` by n, `ceiling`, `squared_error`.
    """
    rows = []
    for group, table, limit in zip(groups, probes, limits, strict=True):
        means = table.groupby(["representation", "a_class"])[list(BY)].mean()
        for row in limit.to_dict("records"):
            own = means.loc[row["representation"]]
            numbers = sorted(own.index, key=lambda n: (n == 0, n))  # 0, for all images, comes last
            found = {f"{by}_{n or 'all'}": own.loc[n, by] for by in BY for n in numbers}
            named = {"representation": row["representation"], "group": group, "size": row["size"]}
            rows.append({**named, **found, "ceiling": row["ceiling"], "squared_error": row["squared_error"]})
    table = pd.DataFrame(rows)
    numbers = sorted(
        {column.partition("_")[2] for column in table if column.startswith(BY)}, key=lambda n: (n == "all", len(n), n)
    )
    measured = [f"{by}_{n}" for by in BY for n in numbers]
    return table[["representation", "group", "size", *measured, "ceiling", "squared_error"]]


def answers(table: pd.DataFrame, planes: pd.DataFrame, linear: list[str]) -> list[tuple[str, float]]:
    """List the answers.

    Parameters
    ----------
    table : pd.DataFrame
        What `by_representation` returns.
    planes : pd.DataFrame
        The table of `measure_planes`.
    linear : list of str
        The models that are linear; random projections are, too.

    Returns
    -------
    list of tuple of str and float
        Names and values.
    """
    counted = [column for column in table if column.startswith("probe_") and not column.endswith("_all")]
    ends = {"few": counted[0].partition("_")[2], "most": counted[-1].partition("_")[2]}
    rows = [(f"labels.{word}", int(number)) for word, number in ends.items()]
    table = table.assign(**{f"{by}_{word}": table[f"{by}_{number}"] for by in BY for word, number in ends.items()})
    measured = [column for column in table if column.startswith(BY)]
    for own in table.to_dict("records"):
        found = [column for column in (*measured, "ceiling", "squared_error") if pd.notna(own[column])]
        rows += [(f"{own['representation']}.{column}", own[column]) for column in found]
    for own in planes.drop(columns="group").to_dict("records"):
        name = own.pop("representation")
        rows += [(f"{name}.{column}", value) for column, value in own.items()]
    rows += [(f"planes.best_{column}", planes[column].max()) for column in planes.columns[2:] if len(planes)]
    values = table.set_index("representation")
    above = values[measured].gt(values["ceiling"], axis=0)
    rows.append(("beyond_the_ceiling", int(above.to_numpy().sum())))
    straight = values.index.isin(linear) | (values["group"] == REFERENCES) & (values.index != PIXELS)
    if straight.any():
        excess = values.loc[straight, "squared_error"] - values.loc[PIXELS, "squared_error"]
        rows.append(("linear.least_excess", round(float(excess.min()), DIGITS)))
    trained = values[~straight & (values.index != PIXELS)]
    rows.append(("models", len(trained)))
    for column in measured:
        known = trained[column].dropna()
        if len(known) and pd.notna(values.loc[PIXELS, column]):
            rows.append((f"better_than_pixels.{column}", float((known > values.loc[PIXELS, column]).mean())))
            rows.append((f"best.{column}", known.max()))
    return rows


def of_classifiers(classifiers: list[dict], metrics: list[dict]) -> pd.DataFrame:
    """Tabulate the classifiers.

    Parameters
    ----------
    classifiers : list of dict
        `name`, `labels` (how many) and `start` (a model, or None) of each.
    metrics : list of dict
        Their metrics, in the same order.

    Returns
    -------
    pd.DataFrame
        `model`, `start`, `labels`, `accuracy`.
    """
    rows = [
        (each["name"], each["start"] or SCRATCH, each["labels"], own["test_accuracy"])
        for each, own in zip(classifiers, metrics, strict=True)
    ]
    return pd.DataFrame(rows, columns=["model", "start", "labels", "accuracy"])


if "snakemake" in globals():
    with frame.job(snakemake):
        spec, inputs = specs.parse(snakemake.params.spec), snakemake.input
        table = by_representation(
            [read_table(path, ["representation", "a_class", *BY]) for path in inputs.probes],
            [read_table(path, ["representation", "size", "ceiling", "squared_error"]) for path in inputs.limits],
            spec["groups"],
        )
        planes = read_table(inputs.planes, ["representation", "group", "one_nn", "ten_nn"])
        write_table(snakemake.output.representations, table)
        write_table(
            snakemake.output.classifiers,
            of_classifiers(spec["classifiers"], [read_metrics(path) for path in inputs.classifiers]),
        )
        rows = answers(table, planes, spec["linear"])
        write_table(snakemake.output.answers, pd.DataFrame(rows, columns=["answer", "value"]))

"""Answer the denoising study's questions by numbers.

In: the table of errors, the table of walks, the interpolated paths, test labels. Out: `answers.csv`, a row
an answer (name, value), and `interpolations.csv`, a row a model and sort of pair: the judge's mean
confidence at the ends and half-way, the share of the images between the ends that read as a digit of the
pair, and the share that the judge reads with at least 90 % confidence.
"""

import numpy as np
import pandas as pd

from aelab.analysis import iterations
from aelab.data import idx
from aelab.files.arrays import read_arrays
from aelab.files.atomic import write_table
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs

SORTS = ("same_digit", "different_digits")
SHARES = ("converged", "near", "sure", "arrived")


def interpolations(names, paths, labels):
    """The table of the interpolations; `names` are the rows of the paths."""
    meant = labels[paths["pairs"]]
    rows = []
    for number, name in enumerate(names):
        for sort, words in enumerate(SORTS):
            read_as, confidence = paths["read_as"][number, sort], paths["confidence"][number, sort]
            of_pair = (read_as == meant[sort, :, :1]) | (read_as == meant[sort, :, 1:])
            row = {
                "name": name,
                "pairs": words,
                "confidence_ends": confidence[:, [0, -1]].mean(),
                "confidence_half_way": confidence[:, confidence.shape[1] // 2].mean(),
                "read_as_digit_of_pair": of_pair[:, 1:-1].mean(),
                "sure": (confidence[:, 1:-1] >= 0.9).mean(),
            }
            rows.append(row)
    return pd.DataFrame(rows)


def of_errors(errors, twins, deeper):
    """Pairs (name, value) about the errors: ranks, ratios, what noise and depth gain.

    The twins of each group come in the order single, deep, deep and fine-tuned.
    """
    table = errors.set_index("name")
    noisy, clean, groups = table["mse_noisy"], table["mse"], table["group"]
    rows = [(f"{name}.mse_noisy", noisy[name]) for name in ("wiener_filter", "noisy_image", "noisy_image_clipped")]
    models = groups[groups != "references"].index
    rows.append(("models", len(models)))
    rows += [(f"{name}.updates", table["updates"][name]) for name in models]
    rows.append(("models_better_than_wiener", int((noisy[models] < noisy["wiener_filter"]).sum())))
    for group in sorted({groups[first] for first, _ in twins}):
        own = [pair for pair in twins if groups[pair[0]] == group]
        rank = noisy[[name for pair in own for name in pair]].rank()
        rows += [(f"{name}.rank_noisy", int(value)) for name, value in rank.items()]
        rows.append((f"{group}.single_over_deep", noisy[own[0][1]] / noisy[own[-1][1]]))
        rows.append((f"{group}.lowest_mse_noisy", noisy[groups == group].min()))
    for first, second in twins:
        rows.append((f"{first}.noise_gains_times", noisy[first] / noisy[second]))
        rows.append((f"{first}.noise_costs_clean_times", clean[second] / clean[first]))
    if deeper["model"] in noisy and deeper["than"] in noisy:
        ratio = noisy[deeper["model"]] / noisy[deeper["than"]]
        rows += [("deeper.gains", 1 - ratio), ("deeper.changes", ratio - 1)]
    return rows


def of_walks(table):
    """Pairs (name, value) about the walks, by model and over the models of a group, the iteration last."""
    rows = []
    columns = (*SHARES, "confidence", "distance_end", "digits_read", "digits_reached", "spread")
    for _, one in table.iterrows():
        rows += [(f"{one['name']}.{column}.{one['iteration']}", one[column]) for column in columns]
    for (group, name), own in table.groupby(["group", "iteration"]):
        rows += [(f"{group}.{column}.{name}", own[column].mean()) for column in SHARES]
    for name in iterations.ITERATIONS:
        own = table[table["iteration"] == name]
        rows += [(f"walks.{column}.{name}", own[column].mean()) for column in SHARES]
        rows.append((f"walks.most_arrived.{name}", own["arrived"].max()))
        rows.append((f"walks.most_digits_reached.{name}", own["digits_reached"].max()))
    rows.append(("walks.distance_real", table["distance_real"].iloc[0]))
    rows.append(("walks.starts", table["starts"].iloc[0]))
    return rows


def of_interpolations(table):
    """Pairs (name, value) about the interpolations."""
    columns = ("confidence_half_way", "read_as_digit_of_pair", "sure")
    return [
        (f"{one['name']}.{column}.{one['pairs']}", one[column]) for _, one in table.iterrows() for column in columns
    ]


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        errors = read_table(snakemake.input.errors, ["name", "group", "mse", "mse_noisy"])
        walks = read_table(snakemake.input.walks, ["name", "group", "iteration", "arrived"])
        paths, labels = read_arrays(snakemake.input.paths), idx.read_labels(snakemake.input.labels)
        names = [*(member["name"] for member in spec["members"]), "pixel_blend"]
        between = interpolations(names, paths, labels)
        rows = of_errors(errors, spec["twins"], spec["deeper"]) + of_walks(walks) + of_interpolations(between)
        write_table(snakemake.output.interpolations, between)
        answers = pd.DataFrame(rows, columns=["answer", "value"]).astype({"value": np.float64})
        write_table(snakemake.output.answers, answers)

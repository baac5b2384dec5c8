"""Answer the questions of the denoising study with numbers.

Inputs: the table of errors; the table of walks; the interpolated paths; test labels.

Outputs: `answers.csv`, one row (name, value) per answer; and `interpolations.csv`, one row per model and kind of pair:
the judge's mean confidence at the ends and halfway, the share of the images between the ends that read as a digit of
the pair, and the share that the judge reads with a confidence of at least 0.9.
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


def interpolations(names: list[str], paths: dict[str, np.ndarray], labels: np.ndarray) -> pd.DataFrame:
    """Summarize how the judge reads the interpolated images.

    Parameters
    ----------
    names : list of str
        Names of the models and of the pixel blend, in the order of the paths.
    paths : dict of str to np.ndarray
        The arrays that `interpolate_test_pairs` writes.
    labels : np.ndarray
        Class numbers of the test images (n,).

    Returns
    -------
    pd.DataFrame
        One row per name and kind of pair.
    """
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


def of_errors(errors: pd.DataFrame, twins: list[list[str]], deeper: dict[str, str]) -> list[tuple[str, float]]:
    """List the answers about errors: ranks, ratios, and what training with noise and depth gain.

    Parameters
    ----------
    errors : pd.DataFrame
        The table of `tabulate_errors`.
    twins : list of list of str
        Pairs of models trained without and with noise. Those of each group come in the order single, deep, deep and
        fine-tuned.
    deeper : dict of str to str
        A deeper `model` and the one that it is compared with, `than`.

    Returns
    -------
    list of tuple of str and float
        Names and values.
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


def of_walks(table: pd.DataFrame) -> list[tuple[str, float]]:
    """List the answers about walks, for each model, for each group and for all models; names end with the iteration."""
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


def of_interpolations(table: pd.DataFrame) -> list[tuple[str, float]]:
    """List the answers about interpolations under the names `<model>.<quantity>.<pairs>`."""
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

"""Answer the questions of the denoising study with numbers.

Inputs: the tables of errors, of training losses, of walks, of their targets and of interpolations.

Outputs: `answers.csv`, one row (answer, value) per answer.
"""

import numpy as np
import pandas as pd

from aelab.files.atomic import write_table
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs

SORTS = ("same_digit", "different_digits")
OF_WALKS = (
    *("converged", "near", "sure", "arrived", "read_as_target", "visited", "confidence", "moved"),
    *("residual_end", "residual_real", "residual_shown", "distance_end", "distance_target", "like_target"),
    *("digits_read", "digits_reached", "spread", "spread_of_target"),
)
OF_TARGETS = (
    *("read_as_target", "target_read", "control_read", "like_target", "like_control", "like_start"),
    *("by_target", "by_start"),
)
OF_INTERPOLATIONS = ("confidence_half_way", "read_as_digit_of_pair", "sure", "plausible", "plausible_ends")

Compared = dict[str, list[list[str]]]
Answers = dict[str, float]


def of_errors(errors: pd.DataFrame, compared: Compared, deeper: list[dict[str, str]]) -> Answers:
    """Return the answers about errors: ranks, ratios, and what training with noise and depth gain.

    Parameters
    ----------
    errors : pd.DataFrame
        The table of `tabulate_errors`.
    compared : dict of str to list of list of str
        By name of the comparison, pairs of models trained without and with noise, in the order single, deep, deep and
        fine-tuned.
    deeper : list of dict
        Pairs of models of this study that differ in depth: `model`, and `than`, with which it is compared.

    Returns
    -------
    dict of str to float
        Values by name.
    """
    table = errors.set_index("name")
    noisy, clean, accuracy = table["mse_noisy"], table["mse"], table["accuracy_noisy"]
    models = table.index[table["group"] != "references"]
    found = {"models": len(models)}
    found |= {f"{name}.mse_noisy": noisy[name] for name in ("wiener_filter", "noisy_image", "noisy_image_clipped")}
    found |= {f"{name}.accuracy_noisy": value for name, value in accuracy.items()}
    found |= {f"{name}.accuracy": value for name, value in table["accuracy"].dropna().items()}
    found |= {f"{name}.updates": table["updates"][name] for name in models}
    found["models_better_than_wiener"] = int((noisy[models] < noisy["wiener_filter"]).sum())
    for name, pairs in compared.items():
        own = [model for pair in pairs for model in pair]
        if not own:
            continue
        found |= {f"{name}.{model}.rank_noisy": int(rank) for model, rank in noisy[own].rank().items()}
        found |= {
            f"{name}.{model}.rank_accuracy": int(rank)
            for model, rank in accuracy[own].rank(ascending=False, method="min").items()
        }
        found[f"{name}.single_over_deep"] = noisy[pairs[0][1]] / noisy[pairs[-1][1]]
        found[f"{name}.lowest_mse_noisy"] = noisy[own].min()
        for first, second in pairs:
            found[f"{first}.noise_gains_times"] = noisy[first] / noisy[second]
            found[f"{first}.noise_costs_clean_times"] = clean[second] / clean[first]
    for pair in deeper:
        found[f"{pair['model']}.changes"] = noisy[pair["model"]] / noisy[pair["than"]] - 1
    return found


def of_losses(losses: pd.DataFrame) -> Answers:
    """Return the training losses after the first and after the last epoch of which one was printed."""
    found = {}
    for model, rows in losses.dropna(subset=["printed"]).groupby("model", sort=False):
        for word, row in (("first", rows.iloc[0]), ("last", rows.iloc[-1])):
            if not np.isnan(row["measured"]):
                found[f"{model}.training_loss.{word}"] = row["measured"]
    return found


def of_walks(table: pd.DataFrame, compared: Compared) -> Answers:
    """Return the answers about walks from noise.

    Parameters
    ----------
    table : pd.DataFrame
        The table of `measure_walks`.
    compared : dict of str to list of list of str
        Comparisons of models; answers are means over the models of each.

    Returns
    -------
    dict of str to float
        Values under `<model or comparison>.<quantity>.<picture>.<length>`, and `walks.<...>` for all models.
    """
    found = {f"walks.{name}": table[name].iloc[0] for name in ("target", "distance_real", "starts")}
    for (name, length), rows in table.groupby(["picture", "length"], sort=False):
        found[f"walks.steps.{length}"] = rows["steps"].iloc[0]
        found[f"walks.most_arrived.{name}.{length}"] = rows["arrived"].max()
        found[f"walks.most_digits_reached.{name}.{length}"] = rows["digits_reached"].max()
        rows = rows.set_index("name")
        for column in OF_WALKS:
            found |= {f"{model}.{column}.{name}.{length}": value for model, value in rows[column].items()}
            found |= {
                f"{group}.{column}.{name}.{length}": value for group, value in means(rows[column], compared).items()
            }
    return found


def of_targets(table: pd.DataFrame, compared: Compared) -> Answers:
    """Return the answers about targets under `<model or comparison>.targets.<quantity>.<picture>`."""
    found = {}
    for name, rows in table.groupby("picture", sort=False):
        rows = rows.set_index("name")
        for column in OF_TARGETS:
            values = {**rows[column], **means(rows[column], compared)}
            found |= {f"{model}.targets.{column}.{name}": value for model, value in values.items()}
    return found


def of_interpolations(table: pd.DataFrame, compared: Compared) -> Answers:
    """Return the answers about interpolations under `<model or comparison>.<quantity>.<pairs>`.

    `plausible_range` is the difference between the largest and the smallest share of plausible images of a comparison's
    models.
    """
    found = {}
    for sort, rows in table.groupby("pairs", sort=False):
        rows = rows.set_index("name")
        for column in OF_INTERPOLATIONS:
            values = {**rows[column], **means(rows[column], compared)}
            found |= {f"{name}.{column}.{sort}": value for name, value in values.items()}
        for name, pairs in compared.items():
            own = rows.loc[[model for pair in pairs for model in pair], "plausible"]
            if len(own):
                found |= {f"{name}.plausible_range.{sort}": own.max() - own.min()}
                found |= {f"{name}.plausible_least.{sort}": own.min(), f"{name}.plausible_most.{sort}": own.max()}
    return found


def means(values: pd.Series, compared: Compared) -> Answers:
    """Return the mean of the models' values for each comparison that has models."""
    groups = {name: [model for pair in pairs for model in pair] for name, pairs in compared.items()}
    return {name: values[own].mean() for name, own in groups.items() if own}


if "snakemake" in globals():
    with frame.job(snakemake):
        spec, paths = specs.parse(snakemake.params.spec), snakemake.input
        compared = spec["compared"]
        found = {
            **of_errors(read_table(paths.errors, ["name", "group", "mse", "mse_noisy"]), compared, spec["deeper"]),
            **of_losses(read_table(paths.losses, ["model", "epoch", "printed", "measured"])),
            **of_walks(read_table(paths.walks, ["name", "picture", "arrived"]), compared),
            **of_targets(read_table(paths.targets, ["name", "picture", "by_target"]), compared),
            **of_interpolations(read_table(paths.interpolations, ["name", "pairs", "plausible"]), compared),
        }
        answers = pd.DataFrame(found.items(), columns=["answer", "value"]).astype({"value": np.float64})
        write_table(snakemake.output[0], answers)

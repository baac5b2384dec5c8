"""Answer the questions of the robustness study with numbers.

Inputs: the tables of the references, of all degradations, and of specialists and the blind model.

Outputs: `answers.csv`, one row (answer, value) per answer. `<name>` is a model or a reference, `<kind>` a kind of
degradation, `at_0_4` the amount 0.4:

- `images`, `read`: how many test images are measured, and read by the judge; `read_error`: the largest standard error
  of an accuracy on so many images;
- `<name>.<kind>.helps`, `.beats_wiener`: at which share of the amounts its MSE is below those of doing nothing and of
  the mean image, and below that of the Wiener filter; `.gain`: by how many dB its MSE is below that of doing nothing,
  and `.accuracy_gain`: the judge's accuracy beyond that of doing nothing, means over the amounts;
- `<name>.<kind>.at_<amount>.mse` for Gaussian noise, clipped or not;
- `wiener_filter.<kind>.at_<amount>.of_one_draw`: the MSE over all test images that is expected of a filter fitted to
  one draw of the noise on the training images, and `nothing.<kind>.at_<amount>.of_all`;
- `<kind>.models_that_help`: how many models help at more than half of the amounts;
- `models`, and `models_below_limit`: at how many amounts of Gaussian noise any model's MSE is below the limit;
- `<specialist>.rank_at_own`, `.mean_behind`, `.most_behind`: its rank among specialists at the amount that it was
  trained on, and how many dB it is behind the best trained model, mean and most over the amounts;
  `specialists.best_at_own` counts those of rank 1;
- for the blind model `blind.mean_behind`, `blind.most_behind`, and `blind.costs.<specialist>`: by how many dB its MSE
  is above that of this specialist at the specialist's own amount; `blind.costs.least`, `.most`, and `.first` and
  `.last`, those of the smallest and of the largest amount.
"""

import numpy as np
import pandas as pd

from aelab.data import degradation
from aelab.files.atomic import write_table
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs

GAUSSIAN = ("gaussian", "gaussian_clipped")
MEASURED = ["mse", "accuracy", "gain", "helps"]

Answers = dict[str, float]


def of_references(references: pd.DataFrame, pixels: int, train: int) -> Answers:
    """Return the errors of the references over all test images.

    A linear map of p + 1 coefficients per pixel that is fitted to n noisy images is expected to be worse, by the factor
    1 + (p + 1) / n, than the best one.

    Parameters
    ----------
    references : pd.DataFrame
        The table of `measure_references`.
    pixels : int
        Pixels of an image, p.
    train : int
        Training images, n.

    Returns
    -------
    dict of str to float
        Values by name.
    """
    factor = 1 + (pixels + 1) / train
    found = {}
    for _, row in references[references["kind"].isin(GAUSSIAN)].iterrows():
        key = f"{row['name']}.{row['kind']}.{degradation.label(row['amount'])}"
        if row["name"] == "wiener_filter":
            found[f"{key}.of_one_draw"] = row["mse_of_all"] * factor
        elif row["name"] == "nothing":
            found[f"{key}.of_all"] = row["mse_of_all"]
    return found


def of_degradations(table: pd.DataFrame) -> Answers:
    """Return what every model and reference does about each kind of degradation, and how many models help.

    Parameters
    ----------
    table : pd.DataFrame
        The table of `tabulate_degradations`.

    Returns
    -------
    dict of str to float
        Values by name.
    """
    found = {"models": table.loc[table["group"] != "references", "name"].nunique()}
    below = 0
    for kind, rows in table.groupby("kind", sort=False):
        by_name = {name: own.set_index("amount") for name, own in rows.groupby("name", sort=False)}
        models = rows.loc[rows["group"] != "references", "name"].unique()
        nothing, wiener = by_name["nothing"], by_name["wiener_filter"]
        for name, own in by_name.items():
            if name not in ("nothing", "limit"):
                found[f"{name}.{kind}.helps"] = own["helps"].mean()
                found[f"{name}.{kind}.beats_wiener"] = (own["mse"] < wiener["mse"]).mean()
                found[f"{name}.{kind}.gain"] = own["gain"].mean()
                found[f"{name}.{kind}.accuracy_gain"] = (own["accuracy"] - nothing["accuracy"]).mean()
            if kind in GAUSSIAN:
                found |= {f"{name}.{kind}.{degradation.label(a)}.mse": mse for a, mse in own["mse"].items()}
        found[f"{kind}.models_that_help"] = sum(found[f"{name}.{kind}.helps"] > 0.5 for name in models)
        if "limit" in by_name:
            below += int(sum((by_name[name]["mse"] < by_name["limit"]["mse"]).sum() for name in models))
    return {**found, "models_below_limit": below}


def of_specialists(table: pd.DataFrame, blind: list[str]) -> Answers:
    """Return who wins at which amount of noise, and what being blind costs.

    Parameters
    ----------
    table : pd.DataFrame
        The table of `compare_specialists`.
    blind : list of str
        The model that was trained on all amounts, if there is one.

    Returns
    -------
    dict of str to float
        Values by name.
    """
    specialists = table[table["trained_on"].notna()]
    own = specialists[np.isclose(specialists["amount"], specialists["trained_on"])].set_index("name")
    ranks = specialists.assign(rank=specialists.groupby("amount")["mse"].rank(method="min"))
    found = {}
    for name, rows in table[table["name"] != "wiener_filter"].groupby("name", sort=False):
        called = "blind" if name in blind else name
        found |= {f"{called}.mean_behind": rows["behind"].mean(), f"{called}.most_behind": rows["behind"].max()}
    for name, row in own.iterrows():
        same = (ranks["name"] == name) & (ranks["amount"] == row["amount"])
        found[f"{name}.rank_at_own"] = int(ranks.loc[same, "rank"].iloc[0])
    found["specialists.best_at_own"] = sum(found[f"{name}.rank_at_own"] == 1 for name in own.index)
    for name in blind:
        errors = table[table["name"] == name].set_index("amount")["mse"]
        costs = [10 * np.log10(errors.loc[row["amount"]] / row["mse"]) for _, row in own.iterrows()]
        found |= {f"blind.costs.{model}": cost for model, cost in zip(own.index, costs, strict=True)}
        if costs:
            found |= {"blind.costs.least": min(costs), "blind.costs.most": max(costs)}
            found |= {"blind.costs.first": costs[0], "blind.costs.last": costs[-1]}
    return found


if "snakemake" in globals():
    with frame.job(snakemake):
        spec, paths = specs.parse(snakemake.params.spec), snakemake.input
        references = read_table(paths.references, ["name", "kind", "amount", "mse_of_all"])
        degradations = read_table(paths.degradations, ["name", "group", "kind", "amount", *MEASURED])
        specialists = read_table(paths.specialists, ["name", "trained_on", "amount", "mse", "behind"])
        found = {
            **{key: spec[key] for key in ("images", "read")},
            "read_error": 0.5 / np.sqrt(spec["read"]),
            **of_references(references, spec["pixels"], spec["train"]),
            **of_degradations(degradations),
            **of_specialists(specialists, spec["blind"]),
        }
        answers = pd.DataFrame(found.items(), columns=["answer", "value"]).astype({"value": np.float64})
        write_table(snakemake.output[0], answers)

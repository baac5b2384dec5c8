"""Answer the questions of the study with numbers.

Inputs: the tables of `measure_rates`, `bound_evidence` and `quantise_pca`, and the variances of the images' components.

Outputs: `answers.csv`, one row (name, value) per answer: every number of the tables; what a Gaussian source would cost
at each model's error; slopes between models of neighbouring betas; and how many models beat a limit.
"""

import numpy as np
import pandas as pd

from aelab.analysis import rates
from aelab.files.arrays import read_array
from aelab.files.atomic import write_table
from aelab.files.tables import read_table
from aelab.jobs import frame

MEASURED = (
    "rate", "distortion", "negative_elbo", "mse", "active_units", "read", "best_accuracy",
    "surely_read", "classes_read",
)  # fmt: skip
BITS = np.log(2)
NO_RATE = 0.01  # nats: codes that cost less say nothing, and models of larger betas stay as they are


def of_models(table: pd.DataFrame, variances: np.ndarray) -> list[tuple[str, float]]:
    """List the numbers of each model as `<model>.<number>`, and what other codes would cost at its error.

    Parameters
    ----------
    table : pd.DataFrame
        The table of `measure_rates`.
    variances : np.ndarray
        The eigenvalues of the images' covariance (pixels,).

    Returns
    -------
    list of tuple of str and float
        Names and values. `<model>.gaussian_rate` is the rate of a Gaussian source at the model's squared error, in
        nats, `<model>.share_of_gaussian` the model's rate relative to it, and `<model>.bits` the model's rate in bits.
    """
    rows = []
    for row in table.to_dict("records"):
        name = row["name"]
        rows += [(f"{name}.{key}", row[key]) for key in MEASURED]
        rows.append((f"{name}.bits", row["rate"] / BITS))
        gaussian = rates.rate_at(row["mse"] * len(variances), variances)
        rows.append((f"{name}.gaussian_rate", gaussian))
        rows += [(f"{name}.share_of_gaussian", row["rate"] / gaussian)] if gaussian > 0 else []
    return rows


def of_limits(table: pd.DataFrame, floors: dict[str, float]) -> list[tuple[str, float]]:
    """Count the models that beat what no model can.

    Parameters
    ----------
    table : pd.DataFrame
        The table of `measure_rates`.
    floors : dict of str to float
        The numbers of `floors.csv`.

    Returns
    -------
    list of tuple of str and float
        `floors.<name>`; `limits.below_floor`, models whose distortion is below the cross-entropy of the images with
        themselves; `limits.read_too_well`, models whose drawn codes are read more often than their rate allows; and
        `least_rate.excess`, rate and distortion of the model with the least rate beyond that of the images' own mean
        image.
    """
    least = table.loc[table["rate"].idxmin()]
    return [
        *((f"floors.{name}", value) for name, value in floors.items()),
        ("limits.below_floor", int((table["distortion"] < floors["floor"]).sum())),
        ("limits.read_too_well", int((table["read"] > table["best_accuracy"]).sum())),
        ("least_rate.excess", least["negative_elbo"] - floors["own_mean_image"]),
    ]


def of_series(table: pd.DataFrame) -> list[tuple[str, float]]:
    """Answer what beta and the size of the code do.

    Parameters
    ----------
    table : pd.DataFrame
        The table of `measure_rates`.

    Returns
    -------
    list of tuple of str and float
        Of the models that differ in beta, if there are two at least: `betas.models`; `betas.best`, the beta of the best
        ELBO; `betas.rate_falls` and `betas.distortion_rises`, the numbers of neighbours of which that is true, and
        `betas.slopes_between` the number whose slope lies between their betas, of `betas.neighbours`, those of which
        the smaller beta still pays for a rate;
        `equal_elbo.larger_rate`, `equal_elbo.smaller_rate` and `equal_elbo.ratio` of two points with the same ELBO. Of
        those that differ in the size of the code: `sizes.largest`, `sizes.active_of_largest` and
        `sizes.share_active_of_largest`.
    """
    rows = []
    own = table[table["role"].isin(["beta", "both"])].sort_values("beta")
    if len(own) > 1:
        betas, found, costs = (own[key].to_numpy(float) for key in ("beta", "rate", "distortion"))
        slopes, (larger, smaller) = rates.slopes(found, costs), rates.at_equal_sum(found, costs)
        compared = found[:-1] > NO_RATE
        rows += [
            ("betas.models", len(own)),
            ("betas.neighbours", int(compared.sum())),
            ("betas.best", betas[np.argmin(found + costs)]),
            ("betas.rate_falls", int((np.diff(found) < 0)[compared].sum())),
            ("betas.distortion_rises", int((np.diff(costs) > 0)[compared].sum())),
            ("betas.slopes_between", int(((slopes >= betas[:-1]) & (slopes <= betas[1:]))[compared].sum())),
        ]
        if smaller > 0:
            rows += [("equal_elbo.larger_rate", larger), ("equal_elbo.smaller_rate", smaller)]
            rows.append(("equal_elbo.ratio", larger / smaller))
    own = table[table["role"].isin(["size", "both"])].sort_values("code_size")
    if len(own) > 1:
        last = own.iloc[-1]
        rows += [
            ("sizes.largest", last["code_size"]),
            ("sizes.active_of_largest", last["active_units"]),
            ("sizes.share_active_of_largest", last["active_units"] / last["code_size"]),
        ]
    return rows


def of_bounds(table: pd.DataFrame) -> list[tuple[str, float]]:
    """List the bounds as `bounds.<model>.<binarisation>.<samples>`, for all test images.

    Parameters
    ----------
    table : pd.DataFrame
        The table of `bound_evidence`.

    Returns
    -------
    list of tuple of str and float
        Names and values; `.error` and `.first_images` are the standard error, and the mean over the first images alone.
        `bounds.images` is their number, `bounds.most_samples` the largest number of samples, and `bounds.falls` counts
        the steps to more samples at which a bound became worse.
    """
    rows, falls = [], 0
    for (model, how), own in table.groupby(["model", "binarisation"], sort=False):
        falls += int((np.diff(own["nats"]) > 0).sum())
        for row in own.to_dict("records"):
            name = f"bounds.{model}.{how}.{row['samples']}"
            rows += [(name, row["nats_of_all"]), (f"{name}.error", row["error_of_all"])]
            rows += [(f"{name}.first_images", row["nats"])]
        rows.append((f"bounds.{model}.{how}.gain", own["nats"].iloc[0] - own["nats"].iloc[-1]))
    if len(table):
        rows += [("bounds.images", table["images"].iloc[0]), ("bounds.most_samples", table["samples"].max())]
        rows += [("bounds.falls", falls)]
    return rows


def of_pca(quantised: pd.DataFrame, table: pd.DataFrame) -> list[tuple[str, float]]:
    """Return `<model>.pca_rate`, what rounded principal components cost at each model's error, where that was tried."""
    own = quantised.sort_values("mse")
    inside = table[table["mse"].between(own["mse"].min(), own["mse"].max())]
    return [
        (f"{row.name_}.pca_rate", float(np.interp(row.mse, own["mse"], own["rate"])))
        for row in inside.rename(columns={"name": "name_"}).itertuples()
    ]


if "snakemake" in globals():
    with frame.job(snakemake):
        table = read_table(snakemake.input.rates, ["name", "role", "beta", "code_size", *MEASURED])
        floors = read_table(snakemake.input.floors, ["floor", "mean_image", "own_mean_image"]).iloc[0].to_dict()
        variances = read_array(snakemake.input.variances, (None,))
        rows = of_models(table, variances) + of_limits(table, floors) + of_series(table)
        rows += of_bounds(read_table(snakemake.input.bounds, ["model", "binarisation", "samples", "nats"]))
        rows += of_pca(read_table(snakemake.input.quantised, ["rate", "mse"]), table)
        write_table(snakemake.output[0], pd.DataFrame(rows, columns=["answer", "value"]))

"""Answer the questions of the residuals study with numbers.

Inputs: the table of `analyse_residuals`; the error of the Wiener filter; training and test images; the split.

Outputs: `answers.csv`, one row (name, value) per answer: `<model>.<inputs>.<column>` for each row of the table
(`<model>.<inputs>.code.<column>` where the code was taken as the reconstruction), the MSE of the Wiener filter, that of
the corrupted images, and that of answering every image with the mean training image.
"""

import numpy as np
import pandas as pd

from aelab.data import datasets, idx
from aelab.data.shown import Shown
from aelab.files.atomic import write_table
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs


def answers(table: pd.DataFrame, wiener: pd.Series) -> list[tuple[str, float]]:
    """List the answers.

    Parameters
    ----------
    table : pd.DataFrame
        The table of `analyse_residuals`, with class numbers in place of names.
    wiener : pd.Series
        `mse` of the Wiener filter's output and `mse_of_corrupted` of the images it was given.

    Returns
    -------
    list of tuple of str and float
        Names and values.
    """
    rows = [("wiener.mse", wiener["mse"]), ("wiener.mse_of_corrupted", wiener["mse_of_corrupted"])]
    for _, shown in table.iterrows():
        prefix = f"{shown['model']}.{shown['inputs']}" + (".code" if shown["output"] == "code" else "")
        measured = shown.drop(["model", "inputs", "output"])
        rows += [(f"{prefix}.{column}", value) for column, value in measured.items()]
    return rows


def error_of_mean_image(train: np.ndarray, test: np.ndarray) -> float:
    """Compute the MSE per pixel of answering every test image with the mean training image.

    Parameters
    ----------
    train : np.ndarray
        Training images (m, pixels), uint8.
    test : np.ndarray
        Test images (n, pixels), uint8.

    Returns
    -------
    float
        For pixels scaled to [0, 1].
    """
    mean = train.mean(axis=0, dtype=np.float64)
    # The mean over images of (x - m)^2, from sums that need no copy of all images in float64.
    spread = np.square(test, dtype=np.float32).mean(axis=0, dtype=np.float64) - test.mean(axis=0, dtype=np.float64) ** 2
    return float((spread + (test.mean(axis=0, dtype=np.float64) - mean) ** 2).mean() / 255**2)


if "snakemake" in globals():
    with frame.job(snakemake):
        data, names = Shown.of(specs.parse(snakemake.params.spec)), ["worst_digit", "best_digit"]
        table = read_table(snakemake.input.table, ["model", "inputs", "output", "mse"], names)
        for column in names:
            table[column] = data.numbers(table[column])
        wiener = read_table(snakemake.input.wiener, ["mse", "mse_of_corrupted"]).iloc[0]
        split = datasets.read_split(snakemake.input.split)
        images = {part: idx.read_images(snakemake.input[f"{part}_images"])[split[part]] for part in ("train", "test")}
        rows = [*answers(table, wiener), ("mean_image.mse", error_of_mean_image(**images))]
        write_table(snakemake.output[0], pd.DataFrame(rows, columns=["answer", "value"]))

"""Answer the questions of the tangents study with numbers.

Inputs: each model's table by digit and history; what the judge reads in the examples; the angles by image and their
table; the singular values at one image; the errors of the Wiener filter.

Outputs: `answers.csv`, one row (name, value) per answer:

- for each model `<model>.<inputs>.in_<d>.<space>`, the angle in degrees between its tangent space of d dimensions and
  `<space>`, by the right singular vectors of its reconstruction's Jacobian; `<model>.<inputs>.left.in_<d>.<space>` by
  the left ones, and `<model>.<inputs>.encoder.in_<d>.<space>` by those of the encoder's Jacobian. `<space>` is
  `neighbours`, `transformations` or one of the transformations. Also of the spaces to compare with, as
  `random.in_<d>.<space>`;
- for each model `<model>.<inputs>.participation_ratio` and `<model>.<inputs>.encoder.participation_ratio`, and
  `<model>.<inputs>.encoder.largest_singular_value` at the image shown;
- for each group, a plain and a denoising model, `<group>.<inputs>.in_<d>.nearer_to_<space>`, the share of images at
  which the denoising model's space is the nearer one, and `<group>.<inputs>.left.in_<d>.nearer_to_<space>` by the left
  singular vectors;
- for each model `<model>.<inputs>.example_read_as.<n>`, the class that the judge reads in its reconstruction of test
  image n, and `<model>.<inputs>.examples_read_right`, of how many of the examples it reads the right one;
- for each model `<model>.lowest_loss` and `<model>.highest_loss`, of all epochs, in training or validation;
- if the classes are the digits 0 to 9, for each model how the judge reads its reconstructions of all test fours.
"""

import numpy as np
import pandas as pd

from aelab.analysis import tangents
from aelab.data.shown import Shown
from aelab.files.arrays import read_arrays
from aelab.files.atomic import write_table
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs

INPUTS = ("clean", "corrupted")
SETTINGS = ("images", "shown_image", "vectors_shown", "neighbours")
COLUMNS = ("neighbours", "transformations", *tangents.TRANSFORMATIONS)


def of_spaces(table: pd.DataFrame) -> list[tuple[str, float]]:
    """List the answers from the table of angles, in degrees except for participation ratios."""
    rows = {}
    for _, space in table.iterrows():
        parts = [space["space"]]
        if isinstance(space["inputs"], str):
            kind = space["jacobian"] if space["jacobian"] == "encoder" else space["vectors"]
            parts += [space["inputs"]] + ([] if kind == "right" else [kind])
        for column in COLUMNS:
            rows[".".join([*parts, f"in_{space['dimension']}", column])] = space[column]
        if pd.notna(space["participation_ratio"]):  # the same for every dimension
            rows[".".join([*parts, "participation_ratio"])] = space["participation_ratio"]
    return list(rows.items())


def of_pairs(members: list[dict], by_image: dict[str, np.ndarray]) -> list[tuple[str, float]]:
    """Compute the share of images at which the denoising model's space is nearer than the plain model's.

    Parameters
    ----------
    members : list of dict
        The models, with their `name` and `group`; each group is a plain model followed by a denoising one.
    by_image : dict of str to np.ndarray
        The angles by image, as `measure_tangent_angles` writes them.

    Returns
    -------
    list of tuple of str and float
        Names and shares.
    """
    rows = []
    groups = dict.fromkeys(member["group"] for member in members)
    for group in groups:
        plain, denoising = (n for n, member in enumerate(members) if member["group"] == group)
        for d, dimension in enumerate(by_image["dimensions"]):
            for i, inputs in enumerate(INPUTS):
                for space in ("neighbours", "transformations"):
                    for v, side in ((1, ""), (2, "left.")):
                        angles = by_image[space][d, :, i, v]
                        angles = angles.reshape(*angles.shape[:2], -1).mean(axis=2)  # over transformations
                        share = (angles[denoising] < angles[plain]).mean()
                        rows.append((f"{group}.{inputs}.{side}in_{dimension}.nearer_to_{space}", share))
    return rows


def of_singular_values(table: pd.DataFrame) -> list[tuple[str, float]]:
    """List the largest singular value of each encoder at the image shown; the table is `measure_tangent_angles`'s."""
    largest = table[(table["jacobian"] == "encoder") & (table["number"] == 1)]
    return [
        (f"{row['model']}.{row['inputs']}.encoder.largest_singular_value", row["singular_value"])
        for _, row in largest.iterrows()
    ]


def of_examples(readings: pd.DataFrame) -> list[tuple[str, float]]:
    """List what the judge reads in the examples.

    Parameters
    ----------
    readings : pd.DataFrame
        The table of `read_examples`, with class numbers in place of names.

    Returns
    -------
    list of tuple of str and float
        The class number of each reading, and the number of right ones, by model and inputs.
    """
    rows = []
    for (model, inputs), some in readings.groupby(["model", "inputs"], sort=False):
        rows += [
            (f"{model}.{inputs}.example_read_as.{image}", read_as)
            for image, read_as in zip(some["image"], some["read_as"], strict=True)
        ]
        rows.append((f"{model}.{inputs}.examples_read_right", int((some["read_as"] == some["digit"]).sum())))
    return rows


def of_histories(members: list[dict], histories: list[pd.DataFrame]) -> list[tuple[str, float]]:
    """List the lowest and the highest loss of each model, of all epochs, in training or validation."""
    rows = []
    for member, history in zip(members, histories, strict=True):
        losses = history[["training_loss", "validation_loss"]].to_numpy()
        rows.append((f"{member['name']}.lowest_loss", np.nanmin(losses)))
        rows.append((f"{member['name']}.highest_loss", np.nanmax(losses)))
    return rows


def of_fours(members: list[dict], by_digit: list[pd.DataFrame], classes: list[str]) -> list[tuple[str, float]]:
    """Summarize how the judge reads each model's reconstructions of fours.

    Parameters
    ----------
    members : list of dict
        The models, with their `name`.
    by_digit : list of pd.DataFrame
        The table by digit of each model, in the same order.
    classes : list of str
        Names of the classes.

    Returns
    -------
    list of tuple of str and float
        For each model the share read as a nine, and the digit that fours are most often misread as. Empty if the images
        do not show the digits 0 to 9.
    """
    rows = []
    if classes != [str(digit) for digit in range(10)]:
        return rows
    for member, digits in zip(members, by_digit, strict=True):
        shares = digits.set_index("digit").loc[4, [f"read_as_{digit}" for digit in range(10)]].to_numpy(float)
        rows.append((f"{member['name']}.fours_read_as_nine", shares[9]))
        rows.append((f"{member['name']}.fours_misread_as", int(np.where(np.arange(10) == 4, -1, shares).argmax())))
    return rows


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        data, inputs = Shown.of(spec), snakemake.input
        columns = ["space", "inputs", "jacobian", "vectors", "dimension", *COLUMNS, "participation_ratio"]
        by_digit = [read_table(path, ["digit"]) for path in inputs.by_digit]
        histories = [read_table(path, ["training_loss", "validation_loss"]) for path in inputs.histories]
        names = ["digit", "read_as"]
        readings = read_table(inputs.readings, ["model", "inputs", "image", *names], names)
        for column in names:
            readings[column] = data.numbers(readings[column])
        singular_values = read_table(inputs.singular_values, ["model", "inputs", "jacobian", "number"])
        wiener = read_table(inputs.wiener, ["mse", "mse_of_corrupted", "correction_cosine"]).iloc[0]
        rows = [
            *((key, spec[key]) for key in SETTINGS),
            *((f"wiener.{key}", wiener[key]) for key in ("mse", "mse_of_corrupted", "correction_cosine")),
            *of_spaces(read_table(inputs.table, columns)),
            *of_pairs(spec["members"], read_arrays(inputs.by_image)),
            *of_singular_values(singular_values),
            *of_examples(readings),
            *of_histories(spec["members"], histories),
            *of_fours(spec["members"], by_digit, data.classes),
        ]
        write_table(snakemake.output[0], pd.DataFrame(rows, columns=["answer", "value"]))

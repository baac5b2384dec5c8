"""Answer the questions of the tangents study with numbers.

Inputs: each model's table by digit; the angles by image and their table; the error of the Wiener filter.

Outputs: `answers.csv`, one row (name, value) per answer:

- for each model `<model>.<inputs>.<space>`, by the right singular vectors of its reconstruction's Jacobian,
  `<model>.<inputs>.left.<space>` by the left ones, and `<model>.<inputs>.encoder.<space>` by those of the encoder's
  Jacobian, where `<space>` is `neighbours`, `transformations`, one of the transformations, or `participation_ratio`;
- for each model how the judge reads its reconstructions of fours;
- for each group, a plain and a denoising model, `<group>.<inputs>.nearer_to_<space>`, the share of images at which the
  denoising model's space is the nearer one, and `<group>.<inputs>.left.nearer_to_<space>` by the left singular vectors.
"""

import numpy as np
import pandas as pd

from aelab.analysis import tangents
from aelab.files.arrays import read_arrays
from aelab.files.atomic import write_table
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs

INPUTS = ("clean", "corrupted")
SETTINGS = ("images", "shown_image", "vectors_shown", "neighbours", "tangent_dimension")
COLUMNS = ("neighbours", "transformations", *tangents.TRANSFORMATIONS, "participation_ratio")


def of_spaces(table: pd.DataFrame) -> list[tuple[str, float]]:
    """List the answers from the table of angles, in degrees except for participation ratios."""
    rows = []
    for _, space in table.iterrows():
        parts = [space["space"]]
        if isinstance(space["inputs"], str):
            kind = space["jacobian"] if space["jacobian"] == "encoder" else space["vectors"]
            parts += [space["inputs"]] + ([] if kind == "right" else [kind])
        rows += [(".".join([*parts, column]), space[column]) for column in COLUMNS if pd.notna(space[column])]
    return rows


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
        for i, inputs in enumerate(INPUTS):
            for space in ("neighbours", "transformations"):
                for v, side in ((1, ""), (2, "left.")):
                    angles = by_image[space][:, i, v].reshape(len(members), by_image[space].shape[3], -1).mean(axis=2)
                    share = (angles[denoising] < angles[plain]).mean()
                    rows.append((f"{group}.{inputs}.{side}nearer_to_{space}", share))
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
        table = read_table(snakemake.input.table, ["space", "inputs", "jacobian", "vectors", *COLUMNS])
        by_digit = [read_table(path, ["digit"]) for path in snakemake.input.by_digit]
        wiener = read_table(snakemake.input.wiener, ["mse", "mse_of_corrupted"]).iloc[0]
        rows = [
            *((key, spec[key]) for key in SETTINGS),
            ("wiener.mse", wiener["mse"]),
            ("wiener.mse_of_corrupted", wiener["mse_of_corrupted"]),
            *of_spaces(table),
            *of_pairs(spec["members"], read_arrays(snakemake.input.by_image)),
            *of_fours(spec["members"], by_digit, spec["data"]["classes"]),
        ]
        write_table(snakemake.output[0], pd.DataFrame(rows, columns=["answer", "value"]))

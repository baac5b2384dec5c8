"""Answer the tangents study's questions by numbers.

In: each model's table by digit, the angles by image and their table, the Wiener filter's error. Out: `answers.csv`,
a row an answer (name, value). Of a model: `<model>.<inputs>.<space>` with the spaces `neighbours`,
`transformations`, each transformation, and `participation_ratio`, of the right singular vectors of its
reconstruction's Jacobian, `<model>.<inputs>.left.<space>` of the left ones, `<model>.<inputs>.encoder.<space>` of the
encoder's; what it makes of fours. Of a pair: `<group>.<inputs>.nearer_to_<space>`, the share of images at which the
denoising model's space is the nearer, `<group>.<inputs>.left.nearer_to_<space>` by the left singular vectors.
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


def of_spaces(table):
    """Pairs (name, value) from the table of angles; degrees."""
    rows = []
    for _, space in table.iterrows():
        parts = [space["space"]]
        if isinstance(space["inputs"], str):
            kind = space["jacobian"] if space["jacobian"] == "encoder" else space["vectors"]
            parts += [space["inputs"]] + ([] if kind == "right" else [kind])
        rows += [(".".join([*parts, column]), space[column]) for column in COLUMNS if pd.notna(space[column])]
    return rows


def of_pairs(members, by_image):
    """Pairs (name, value): at what share of the images the denoising model's space is nearer than the plain one's."""
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


def of_fours(members, by_digit, classes):
    """Pairs (name, value): the share of reconstructed fours read as a nine, and as what they are misread most often.

    Nothing where the images are of no fours and nines.
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

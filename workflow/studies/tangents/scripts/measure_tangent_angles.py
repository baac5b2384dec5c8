"""Measure the angles between the models' tangent spaces and those of the images.

In: the spectra and overlaps of `differentiate_models`, the reference tangents. A model's tangent space at an
image is spanned by the leading singular vectors of a Jacobian: the right ones of the encoder's, or the right
or left ones of the reconstruction's. Out:

- a table, a row a tangent space, means over the images: `neighbours` with its quartiles, the mean principal angle
  to the space of the nearest training images; the angle of the tangent of each transformation to the space
  and their mean `transformations`; the participation ratio of the spectrum. Degrees; 0 is inside, 90 orthogonal.
- an `.npz` file of the same by image: `neighbours` (models, 2, 3, n), `transformations` (models, 2, 3, n, 4),
  `participation_ratio` (models, 2, 2, n); inputs clean and corrupted, the three sets of vectors, the two Jacobians.
- a table of the singular values at one image, as they are and over the largest.

Three spaces of the same dimension say what an angle is worth: `random`, drawn anew for each image; `all_images`, the
principal components of all training images; `further`, the training images that come after the nearest.
"""

import numpy as np
import pandas as pd

from aelab.analysis import tangents
from aelab.data.randomness import generator
from aelab.files.arrays import read_arrays
from aelab.files.atomic import write_arrays, write_table
from aelab.jobs import frame
from aelab.plan import specs

INPUTS = ("clean", "corrupted")
JACOBIANS = ("encoder", "reconstruction")
VECTORS = (("encoder", "right"), ("reconstruction", "right"), ("reconstruction", "left"))


def angles(overlaps, dimension):
    """By image: mean principal angle to the neighbours (..., n), angles to the transformations (..., n, 4).

    `overlaps` (..., n, a, b): inner products of a basis with the neighbours' components, then the transformations.
    """
    split = overlaps.shape[-1] - len(tangents.TRANSFORMATIONS)
    leading = overlaps[..., :dimension, :]
    return (
        tangents.principal_angles(leading[..., :split]).mean(axis=-1),
        tangents.angles_to_space(leading[..., split:]),
    )


def reference_bases(references):
    """Orthonormal bases by name, each (n, d, pixels) or one (1, d, pixels) for all images."""
    shape = references["neighbours"].shape
    draws = generator("random tangents").standard_normal(shape, dtype=np.float32)
    return {
        "random": np.linalg.qr(draws.transpose(0, 2, 1))[0].transpose(0, 2, 1),
        "all_images": references["all_images"][None],
        "further": references["further"],
    }


def row(to_neighbours, to_transformations, **further):
    """A row of the table from angles by image, (n,) and (n, 4)."""
    return further | {
        "images": len(to_neighbours),
        "neighbours": to_neighbours.mean(),
        "neighbours_quartile_1": np.quantile(to_neighbours, 0.25),
        "neighbours_quartile_3": np.quantile(to_neighbours, 0.75),
        "transformations": to_transformations.mean(),
        **dict(zip(tangents.TRANSFORMATIONS, to_transformations.mean(axis=0), strict=True)),
    }


def table(members, by_image, references, dimension):
    """The table of all spaces: the models', then those to compare with."""
    rows = [
        row(
            by_image["neighbours"][m, i, v],
            by_image["transformations"][m, i, v],
            space=member["name"],
            inputs=inputs,
            jacobian=jacobian,
            vectors=side,
        )
        | {"participation_ratio": by_image["participation_ratio"][m, i, JACOBIANS.index(jacobian)].mean()}
        for v, (jacobian, side) in enumerate(VECTORS)
        for i, inputs in enumerate(INPUTS)
        for m, member in enumerate(members)
    ]
    targets = np.concatenate([references["neighbours"], references["transformations"]], axis=1).transpose(0, 2, 1)
    for name, basis in reference_bases(references).items():
        rows.append(row(*angles(basis @ targets, dimension), space=name, inputs="", jacobian="", vectors=""))
    return pd.DataFrame(rows)


def singular_values(members, values):
    """A row a model, inputs, Jacobian and singular value, at one image; values (models, 2, 2, k)."""
    rows = [
        (member["name"], inputs, jacobian, n + 1, value, value / values[m, i, j, 0])
        for m, member in enumerate(members)
        for i, inputs in enumerate(INPUTS)
        for j, jacobian in enumerate(JACOBIANS)
        for n, value in enumerate(values[m, i, j])
    ]
    return pd.DataFrame(rows, columns=["model", "inputs", "jacobian", "number", "singular_value", "over_largest"])


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        spectra = read_arrays(snakemake.input.spectra)
        to_neighbours, to_transformations = angles(spectra["overlaps"], spec["tangent_dimension"])
        by_image = {
            "neighbours": to_neighbours,
            "transformations": to_transformations,
            "participation_ratio": tangents.participation_ratio(spectra["values"]),
        }
        references = read_arrays(snakemake.input.references)
        write_table(snakemake.output.table, table(spec["members"], by_image, references, spec["tangent_dimension"]))
        write_arrays(snakemake.output.by_image, by_image)
        shown = spectra["values"][:, :, :, spec["shown_image"]]
        write_table(snakemake.output.singular_values, singular_values(spec["members"], shown))

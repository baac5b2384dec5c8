"""Measure the angles between the models' tangent spaces and those of the images.

Inputs: the spectra and overlaps of `differentiate_models`; the reference tangents. A model's tangent space at an image
is spanned by the leading singular vectors of a Jacobian: the right ones of the encoder's, or the right or left ones of
the reconstruction's. It is compared with spaces of the same dimension, for each of several dimensions.

Outputs:

- a table with one row per tangent space and dimension, averaged over the images: `neighbours` (with quartiles), the
  mean principal angle to the space of the nearest training images; the angle between the space and the tangent of each
  transformation, and their mean, `transformations`; the participation ratio of the spectrum. Angles are in degrees: 0
  is inside the space, 90 orthogonal to it.
- an `.npz` file of the same by image: `dimensions` (d,), `neighbours` (d, models, 2, 3, n), `transformations` (d,
  models, 2, 3, n, 4) and `participation_ratio` (models, 2, 2, n), by inputs (clean, corrupted) and by set of vectors or
  Jacobian.
- a table of the singular values at one image, absolute and relative to the largest.

Three spaces of the same dimension put the angles in proportion: `random`, drawn separately for each image;
`all_images`, the principal components of all training images; `further`, the space of the next nearest training images.
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


def angles(overlaps: np.ndarray, dimension: int) -> tuple[np.ndarray, np.ndarray]:
    """Compute the angles between spaces of one dimension and the reference tangents at each image.

    Parameters
    ----------
    overlaps : np.ndarray
        Inner products (..., n, a, b) of an orthonormal basis with the components of the neighbours, followed by the
        tangents of the transformations.
    dimension : int
        Number of leading vectors of the basis that span the space, and of components that span that of the neighbours.

    Returns
    -------
    to_neighbours : np.ndarray
        Mean principal angle to the space of the neighbours (..., n), in degrees.
    to_transformations : np.ndarray
        Angle to the tangent of each transformation (..., n, 4), in degrees.
    """
    split = overlaps.shape[-1] - len(tangents.TRANSFORMATIONS)
    leading = overlaps[..., :dimension, :]
    return (
        tangents.principal_angles(leading[..., : min(dimension, split)]).mean(axis=-1),
        tangents.angles_to_space(leading[..., split:]),
    )


def reference_bases(references: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the orthonormal bases to compare with: (n, d, pixels), or (1, d, pixels) if common to all images."""
    shape = references["neighbours"].shape
    draws = generator("random tangents").standard_normal(shape, dtype=np.float32)
    return {
        "random": np.linalg.qr(draws.transpose(0, 2, 1))[0].transpose(0, 2, 1),
        "all_images": references["all_images"][None],
        "further": references["further"],
    }


def row(to_neighbours: np.ndarray, to_transformations: np.ndarray, **further: str | int) -> dict:
    """Compute one row of the table.

    Parameters
    ----------
    to_neighbours : np.ndarray
        Mean principal angle to the space of the neighbours at each image (n,), in degrees.
    to_transformations : np.ndarray
        Angle to the tangent of each transformation (n, 4), in degrees.
    **further : str or int
        Further columns, placed first.

    Returns
    -------
    dict
        The values of the row by column name.
    """
    return further | {
        "images": len(to_neighbours),
        "neighbours": to_neighbours.mean(),
        "neighbours_quartile_1": np.quantile(to_neighbours, 0.25),
        "neighbours_quartile_3": np.quantile(to_neighbours, 0.75),
        "transformations": to_transformations.mean(),
        **dict(zip(tangents.TRANSFORMATIONS, to_transformations.mean(axis=0), strict=True)),
    }


def table(members: list[dict], by_image: dict[str, np.ndarray], references: dict[str, np.ndarray]) -> pd.DataFrame:
    """Build the table of the tangent spaces: those of the models, then those to compare with.

    Parameters
    ----------
    members : list of dict
        The models, with their `name`.
    by_image : dict of str to np.ndarray
        Dimensions, angles and participation ratios by image.
    references : dict of str to np.ndarray
        The arrays that `find_reference_tangents` writes.

    Returns
    -------
    pd.DataFrame
        One row per space, inputs, Jacobian, set of vectors and dimension.
    """
    rows = [
        row(
            by_image["neighbours"][d, m, i, v],
            by_image["transformations"][d, m, i, v],
            space=member["name"],
            inputs=inputs,
            jacobian=jacobian,
            vectors=side,
            dimension=dimension,
        )
        | {"participation_ratio": by_image["participation_ratio"][m, i, JACOBIANS.index(jacobian)].mean()}
        for d, dimension in enumerate(by_image["dimensions"])
        for v, (jacobian, side) in enumerate(VECTORS)
        for i, inputs in enumerate(INPUTS)
        for m, member in enumerate(members)
    ]
    targets = np.concatenate([references["neighbours"], references["transformations"]], axis=1).transpose(0, 2, 1)
    for name, basis in reference_bases(references).items():
        overlaps = basis @ targets
        rows += [
            row(*angles(overlaps, dimension), space=name, inputs="", jacobian="", vectors="", dimension=dimension)
            for dimension in by_image["dimensions"]
        ]
    return pd.DataFrame(rows)


def singular_values(members: list[dict], values: np.ndarray) -> pd.DataFrame:
    """Tabulate the singular values at one image.

    Parameters
    ----------
    members : list of dict
        The models, with their `name`.
    values : np.ndarray
        Singular values by inputs and Jacobian (models, 2, 2, k).

    Returns
    -------
    pd.DataFrame
        One row per model, inputs, Jacobian and singular value.
    """
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
        found = [angles(spectra["overlaps"], dimension) for dimension in spec["tangent_dimensions"]]
        by_image = {
            "dimensions": np.array(spec["tangent_dimensions"]),
            "neighbours": np.stack([to_neighbours for to_neighbours, _ in found]),
            "transformations": np.stack([to_transformations for _, to_transformations in found]),
            "participation_ratio": tangents.participation_ratio(spectra["values"]),
        }
        references = read_arrays(snakemake.input.references)
        write_table(snakemake.output.table, table(spec["members"], by_image, references))
        write_arrays(snakemake.output.by_image, by_image)
        shown = spectra["values"][:, :, :, spec["shown_image"]]
        write_table(snakemake.output.singular_values, singular_values(spec["members"], shown))

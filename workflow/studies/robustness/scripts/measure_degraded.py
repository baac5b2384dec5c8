"""Measure what a model makes of degraded test images.

Inputs: weights of the model and of the judge; the split; test images and labels.

Outputs: a table with one row per kind and amount of degradation: `mse` per pixel and `psnr` in dB (mean over images)
between the reconstructions of the degraded images and the clean ones, and `accuracy` of the judge on those that it
reads. And an `.npz` file with the test image that is shown: its reconstructions `restored` (kinds and amounts, pixels),
and what the judge reads in them, `read_as`.
"""

import numpy as np
import pandas as pd

from aelab.analysis import measures
from aelab.data import datasets, degradation, idx
from aelab.files.atomic import write_arrays, write_table
from aelab.inference import trained
from aelab.inference.judge import Judge
from aelab.jobs import frame
from aelab.kinds.models import read_model
from aelab.plan import specs


def measured(
    model: trained.Model,
    clean: np.ndarray,
    labels: np.ndarray,
    shape: tuple[int, int],
    judge: Judge,
    settings: dict,
) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """Measure a model on every kind and amount of degradation.

    Parameters
    ----------
    model : trained.Model
        The model.
    clean : np.ndarray
        The test images that are measured (n, pixels) with pixels in [0, 1].
    labels : np.ndarray
        Their class numbers (n,).
    shape : (int, int)
        Rows and columns of an image.
    judge : Judge
        The classifier that reads the reconstructions.
    settings : dict
        `degradations`, the amounts by kind; `draw`, the number of the draw; `read`, how many images are read; and
        `shown_image`, the number of the image that is shown.

    Returns
    -------
    table : pd.DataFrame
        One row per kind and amount.
    shown : dict of str to np.ndarray
        The image that is shown: `restored` and `read_as`.
    """
    rows, restored, read_as = [], [], []
    read, number = settings["read"], settings["shown_image"]
    for kind, amount in degradation.listed(settings["degradations"]):
        degraded = degradation.drawn(clean, shape, kind, amount, settings["draw"])
        made = model.reconstruct(degraded)
        errors = measures.mse_per_image(clean, made)
        rows.append(
            {
                "kind": kind,
                "amount": amount,
                "mse": errors.mean(),
                "psnr": measures.psnr_of(errors),
                "accuracy": (judge.read(made[:read])[0] == labels[:read]).mean(),
            }
        )
        restored.append(made[number])
        read_as.append(judge.read(made[number][None])[0][0])
    return pd.DataFrame(rows), {"restored": np.stack(restored), "read_as": np.array(read_as)}


if "snakemake" in globals():
    with frame.job(snakemake):
        spec, paths = specs.parse(snakemake.params.spec), snakemake.input
        rows = datasets.read_split(paths.split)["test"][: spec["images"]]
        raw, labels = (each[rows] for each in datasets.read_labelled(paths.images, paths.labels))
        judge = Judge(read_model(paths.judge))
        table, shown = measured(
            read_model(paths.weights), datasets.unit(raw), labels, idx.image_shape(paths.images), judge, spec
        )
        write_table(snakemake.output.table, table)
        write_arrays(snakemake.output.shown, shown)

"""Read the models' reconstructions of the first ten test images, clean and corrupted, with the judge.

Inputs: weights of the study's models and of the judge; test images and labels; the corrupted test images.

Outputs: a table with one row per model, inputs (clean or corrupted) and image: the number of the image, its digit, the
digit that the judge reads in the reconstruction, and its confidence.
"""

import numpy as np
import pandas as pd

from aelab.data import datasets
from aelab.data.shown import Shown
from aelab.files.arrays import read_array
from aelab.files.atomic import write_table
from aelab.inference import trained
from aelab.inference.judge import Judge
from aelab.jobs import frame
from aelab.kinds.models import read_model
from aelab.plan import specs

EXAMPLES = 10


def readings(
    models: dict[str, trained.Model], judge: Judge, given: dict[str, np.ndarray], labels: np.ndarray, data: Shown
) -> pd.DataFrame:
    """Read the reconstructions of a few images by every model.

    Parameters
    ----------
    models : dict of str to trained.Model
        The models by name.
    judge : Judge
        The classifier.
    given : dict of str to np.ndarray
        The images (n, pixels) that are reconstructed, by what they are (`clean` or `corrupted`).
    labels : np.ndarray
        Class numbers of the images (n,).
    data : Shown
        Names of the classes.

    Returns
    -------
    pd.DataFrame
        One row per model, inputs and image.
    """
    tables = []
    for name, model in models.items():
        for inputs, images in given.items():
            read_as, confidence = judge.read(model.reconstruct(images))
            columns = {"digit": data.names(labels), "read_as": data.names(read_as), "confidence": confidence}
            tables.append(pd.DataFrame({"model": name, "inputs": inputs, "image": range(len(labels)), **columns}))
    return pd.concat(tables, ignore_index=True)


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        images, labels = datasets.read_labelled(snakemake.input.images, snakemake.input.labels)
        corrupted = read_array(snakemake.input.corrupted, (len(images), None))
        given = {"clean": datasets.unit(images[:EXAMPLES]), "corrupted": np.asarray(corrupted[:EXAMPLES])}
        names = [member["name"] for member in spec["members"]]
        models = {name: read_model(path) for name, path in zip(names, snakemake.input.weights, strict=True)}
        judge = Judge(read_model(snakemake.input.judge))
        write_table(snakemake.output[0], readings(models, judge, given, labels[:EXAMPLES], Shown.of(spec)))

"""Reconstruct ten test images with every model of a study, from clean and, if the study says so, from corrupted images.

Inputs: weights of the study's models and of the judge; test images and labels; corrupted test images.

Outputs: an `.npz` file with `rows` (10,), the row numbers of the test images, `labels` (10,), and for `clean` and
`corrupted` inputs `<inputs>_images` (10, pixels), `<inputs>_reconstructions` (models, 10, pixels) and
`<inputs>_read_as` (models, 10), the digit that the judge reads. There are fewer than ten images if the data set has
fewer test images or, with one of each class, fewer classes.
"""

import numpy as np

from aelab.data import datasets
from aelab.data.randomness import generator
from aelab.files.arrays import read_array
from aelab.files.atomic import write_arrays
from aelab.inference import trained
from aelab.inference.judge import Judge
from aelab.jobs import frame
from aelab.kinds.models import read_model
from aelab.plan import specs


def chosen(labels: np.ndarray, settings: dict) -> np.ndarray:
    """Choose the images to show.

    Parameters
    ----------
    labels : np.ndarray
        Class numbers of the test images (n,).
    settings : dict
        `selection`: `first` for the first ten images; otherwise one image of each of the first ten classes is drawn
        with `seed`.

    Returns
    -------
    np.ndarray
        Row numbers of the images.
    """
    if settings["selection"] == "first":
        return np.arange(min(10, len(labels)))
    draw = generator("examples", settings["seed"])
    return np.array([draw.choice(np.flatnonzero(labels == digit)) for digit in np.unique(labels)[:10]])


def reconstructed(models: list[trained.Model], judge: Judge, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Reconstruct images with every model, and read the reconstructions with the judge.

    Parameters
    ----------
    models : list of trained.Model
        The models.
    judge : Judge
        The classifier.
    images : np.ndarray
        Images (n, pixels).

    Returns
    -------
    reconstructions : np.ndarray
        Reconstructions (models, n, pixels).
    read_as : np.ndarray
        Class numbers that the judge reads (models, n).
    """
    reconstructions = np.stack([model.reconstruct(images) for model in models])
    return reconstructions, np.stack([judge.read(each)[0] for each in reconstructions])


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        images, labels = datasets.read_labelled(snakemake.input.images, snakemake.input.labels)
        rows = chosen(labels, spec["examples"])
        inputs = {"clean": datasets.unit(images[rows])}
        if spec["examples"]["corruption"]:
            inputs["corrupted"] = read_array(snakemake.input.corrupted, (len(images), None))[rows]
        judge = Judge(read_model(snakemake.input.judge))
        models = [read_model(path) for path in snakemake.input.weights]
        arrays = {"rows": rows, "labels": labels[rows]}
        for name, given in inputs.items():
            reconstructions, read_as = reconstructed(models, judge, given)
            arrays |= {
                f"{name}_images": given,
                f"{name}_reconstructions": reconstructions,
                f"{name}_read_as": read_as,
            }
        write_arrays(snakemake.output[0], arrays)

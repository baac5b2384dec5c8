"""Compare every model of the denoising study with linear references, on clean and on noisy test images.

Inputs: the metrics of the models; the table of `measure_interpolations`; training and test images, their corrupted
copies, the test labels; the split; weights of the judge.

Outputs: a table with one row per model and per reference: MSE per pixel, PSNR in dB (peak 1, mean over images) and SSIM
of the reconstructions of clean and of noisy images, compared with the clean ones; `accuracy`, the share of them that
the judge reads as their digit; `plausible_same_digit` and `plausible_different_digits`, the shares of plausible images
among the interpolates; `updates` counts the updates of all trainings that the weights went through. The references are
the noisy image itself, unclipped and clipped to [0, 1], and the Wiener filter fitted to the training images, its output
clipped.
"""

import numpy as np
import pandas as pd

from aelab.analysis import measures
from aelab.data import datasets, idx
from aelab.files.arrays import read_array
from aelab.files.atomic import write_table
from aelab.files.tables import read_metrics, read_table
from aelab.inference import linear
from aelab.inference.judge import Judge
from aelab.jobs import frame
from aelab.kinds.models import read_model
from aelab.plan import specs

MEASURES = {
    "mse": lambda images, others, shape: measures.mse(images, others),
    "psnr": lambda images, others, shape: measures.psnr(images, others),
    "ssim": measures.ssim,
}


def of_model(member: dict, metrics: dict, updates: int, interpolations: pd.DataFrame) -> dict:
    """Return the row of one model.

    Parameters
    ----------
    member : dict
        `name`, `group` and `description` of the model.
    metrics : dict
        Its metrics.
    updates : int
        Number of updates of all trainings that its weights went through.
    interpolations : pd.DataFrame
        The table of `measure_interpolations`.

    Returns
    -------
    dict
        The values of the row by column name.
    """
    row = {**{key: member[key] for key in ("name", "group", "description")}, "updates": updates}
    row |= {"parameters": metrics["parameters"]}
    for name in MEASURES:
        row |= {name: metrics[f"test_{name}"], f"{name}_noisy": metrics[f"test_{name}_corrupted"]}
    row["accuracy"] = metrics["test_read_as_its_digit"]
    row["accuracy_noisy"] = metrics["test_read_as_its_digit_corrupted"]
    own = interpolations[interpolations["name"] == member["name"]]
    return row | {f"plausible_{one['pairs']}": one["plausible"] for _, one in own.iterrows()}


def of_reference(
    name: str,
    description: str,
    images: np.ndarray,
    labels: np.ndarray,
    shape: tuple[int, int],
    judge: Judge,
    from_noisy: np.ndarray,
    from_clean: np.ndarray | None = None,
) -> dict:
    """Compute the row of one reference.

    Parameters
    ----------
    name : str
        Name of the reference.
    description : str
        What it does.
    images : np.ndarray
        Clean test images (n, pixels) with pixels in [0, 1].
    labels : np.ndarray
        Their class numbers (n,).
    shape : tuple of int
        Rows and columns of an image.
    judge : Judge
        The classifier that reads reconstructions.
    from_noisy : np.ndarray
        Its reconstructions of the noisy images (n, pixels).
    from_clean : np.ndarray or None
        Its reconstructions of the clean images (n, pixels); None if it leaves them unchanged.

    Returns
    -------
    dict
        The values of the row by column name.
    """
    row = {"name": name, "group": "references", "description": description}
    for suffix, made in (("", from_clean), ("_noisy", from_noisy)):
        if made is not None:
            row |= {f"{measure}{suffix}": function(images, made, shape) for measure, function in MEASURES.items()}
            row[f"accuracy{suffix}"] = (judge.read(made)[0] == labels).mean()
    return row


def references(
    train: np.ndarray,
    train_noisy: np.ndarray,
    test: np.ndarray,
    test_noisy: np.ndarray,
    labels: np.ndarray,
    shape: tuple[int, int],
    judge: Judge,
) -> list[dict]:
    """Compute the rows of all references.

    Parameters
    ----------
    train : np.ndarray
        Clean training images (m, pixels) with pixels in [0, 1].
    train_noisy : np.ndarray
        Their noisy copies.
    test : np.ndarray
        Clean test images (n, pixels) with pixels in [0, 1].
    test_noisy : np.ndarray
        Their noisy copies.
    labels : np.ndarray
        Their class numbers (n,).
    shape : tuple of int
        Rows and columns of an image.
    judge : Judge
        The classifier that reads reconstructions.

    Returns
    -------
    list of dict
        The values of each row by column name.
    """
    matrix, offset = linear.wiener_filter(train, train_noisy)

    def filtered(images: np.ndarray) -> np.ndarray:
        return np.clip(np.asarray(images, np.float64) @ matrix + offset, 0, 1)

    rows = [
        ("noisy_image", "the noisy image itself", test_noisy, None),
        ("noisy_image_clipped", "the noisy image, clipped to [0, 1]", np.clip(test_noisy, 0, 1), None),
        ("wiener_filter", "best linear denoiser, clipped", filtered(test_noisy), filtered(test)),
    ]
    return [of_reference(name, words, test, labels, shape, judge, *made) for name, words, *made in rows]


if "snakemake" in globals():
    with frame.job(snakemake):
        spec, paths = specs.parse(snakemake.params.spec), snakemake.input
        split = datasets.read_split(paths.split)
        images = {}
        for part, rows in (("train", split["train"]), ("test", split["test"])):
            clean = idx.read_images(paths[f"{part}_images"])
            noisy = read_array(paths[f"{part}_noisy"], (len(clean), None))
            images[part] = datasets.unit(clean[rows]), noisy[rows]
        labels = idx.read_labels(paths.test_labels)[split["test"]]
        interpolations = read_table(paths.interpolations, ["name", "pairs", "plausible"])
        rows = [
            of_model(member, read_metrics(path), updates, interpolations)
            for member, path, updates in zip(spec["members"], paths.metrics, spec["updates"], strict=True)
        ]
        rows += references(
            *images["train"],
            *images["test"],
            labels,
            idx.image_shape(paths.test_images),
            Judge(read_model(paths.judge)),
        )
        write_table(snakemake.output[0], pd.DataFrame(rows))

"""Measure what the codes of variational models cost, and what they are good for.

Inputs: weights of the study's models and of the judge; test images and labels; training images, for their mean; the
rows of the images that are shown.

Outputs:

- `rates.csv`, one row per model: its name, group, beta, code_size and role (`roles`); rate (divergence) and distortion
  (cross-entropy with one sample of the code per image) in nats per image, and their sum, the negative ELBO; the MSE per
  pixel of images decoded from the same samples; active units; the share of these images that the judge reads as
  what they show (`read`); the largest share that a code of such a rate
  allows (`best_accuracy`); of images decoded from the prior, the share that the judge reads surely (`surely_read`) and
  the entropy in nats of the classes that it reads (`classes_read`).
- `shown.npz`: `images` (n, pixels), and for each model `<model>_decoded` (n, pixels), decoded from samples of the code,
  and `<model>_samples` (n, pixels), decoded from samples of the prior; uint8.
- `floors.csv`, one row: in nats, the cross-entropy of the test images with themselves (`floor`), with the mean training
  image (`mean_image`) and with their own mean (`own_mean_image`); the MSE per pixel of the mean training image.
"""

import numpy as np
import pandas as pd

from aelab.analysis import measures, rates
from aelab.data import datasets, idx
from aelab.data.randomness import generator
from aelab.files.arrays import read_arrays
from aelab.files.atomic import write_arrays, write_table
from aelab.inference import trained
from aelab.inference.judge import Judge
from aelab.jobs import frame
from aelab.kinds.models import read_model
from aelab.plan import specs

SURE = 0.9
ACTIVE = 0.01  # the variance of a unit's mean above which Burda et al. (2016) call it active


def roles(members: list[dict]) -> list[str]:
    """Say in which comparison each model takes part.

    Parameters
    ----------
    members : list of dict
        The models of the study, with their `group`, `beta` and `code_size`.

    Returns
    -------
    list of str
        `beta` for models whose beta is not 1. The first model of the same group with beta 1 and a code of the same size
        is also one of those that differ in beta, `both`; models of that group with beta 1 and codes of other sizes are
        `size`, and all others `other`.
    """
    swept = [member for member in members if member["beta"] != 1]
    if not swept:
        return ["other"] * len(members)
    group, size, found = swept[0]["group"], swept[0]["code_size"], []
    for member in members:
        own = member["group"] == group and member["beta"] == 1
        if member["beta"] != 1:
            found.append("beta")
        elif own and member["code_size"] == size and "both" not in found:
            found.append("both")
        else:
            found.append("size" if own and member["code_size"] != size else "other")
    return found


def floors(train: np.ndarray, images: np.ndarray) -> dict[str, float]:
    """Compute what the test images cost without any code, and at least with any.

    Parameters
    ----------
    train : np.ndarray
        Training images (m, pixels), uint8.
    images : np.ndarray
        Test images (n, pixels) with pixels in [0, 1].

    Returns
    -------
    dict of str to float
        The columns of `floors.csv`.
    """
    mean, own = train.mean(0, dtype=np.float64) / 255, images.mean(0, dtype=np.float64)

    def cost(answer: np.ndarray) -> float:
        return float(measures.cross_entropy_per_image(images, np.broadcast_to(answer, images.shape)).mean())

    return {
        "floor": cost(images),
        "mean_image": cost(mean),
        "own_mean_image": cost(own),
        "mean_image_mse": measures.mse(images, np.broadcast_to(mean, images.shape)),
    }


def priced(
    model: trained.Variational, images: np.ndarray, labels: np.ndarray, judge: Judge, draw: np.random.Generator
) -> tuple[dict[str, float], np.ndarray]:
    """Measure rate and distortion of one model, and what the judge reads in what it decodes.

    Parameters
    ----------
    model : trained.Variational
        The model.
    images : np.ndarray
        Images (n, pixels) with pixels in [0, 1].
    labels : np.ndarray
        Class numbers (n,).
    judge : Judge
        The classifier that reads images.
    draw : np.random.Generator
        Source of one sample from the posterior of each image.

    Returns
    -------
    row : dict of str to float
        Values by the names of the table's columns.
    decoded : np.ndarray
        Images decoded from the samples (n, pixels).
    """
    mean, log_sigma = (values.astype(np.float64) for values in model.statistics(images))
    codes = (mean + draw.standard_normal(mean.shape) * np.exp(log_sigma)).astype(np.float32)
    rate = float(measures.kl_per_dimension(mean, log_sigma).sum(axis=1).mean())
    distortion = float(measures.cross_entropy_of_logits_per_image(images, model.logits(codes)).mean())
    decoded = model.decode(codes)
    return {
        "rate": rate,
        "distortion": distortion,
        "negative_elbo": rate + distortion,
        "mse": measures.mse(images, decoded),
        "active_units": int((mean.var(axis=0) > ACTIVE).sum()),
        "read": float((judge.read(decoded)[0] == labels).mean()),
        "best_accuracy": rates.best_accuracy(rate, np.bincount(labels) / len(labels)),
    }, decoded


def sampled(images: np.ndarray, judge: Judge, classes: int) -> dict[str, float]:
    """Measure what the judge reads in images (n, pixels) decoded from the prior: values by the names of columns."""
    read_as, confidence = judge.read(images)
    return {
        "surely_read": float((confidence >= SURE).mean()),
        "classes_read": rates.entropy(np.bincount(read_as, minlength=classes) / len(read_as)),
    }


def rounded(images: np.ndarray) -> np.ndarray:
    """Convert pixels in [0, 1] to uint8."""
    return np.rint(images * 255).astype(np.uint8)


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        images, labels = datasets.read_labelled(snakemake.input.images, snakemake.input.labels)
        images, prior = datasets.unit(images), spec["prior_samples"]
        shown = read_arrays(snakemake.input.examples)["rows"]
        judge = Judge(read_model(snakemake.input.judge))
        table, arrays = [], {"images": rounded(images[shown])}
        members = [
            {"name": member["name"], "group": member["group"], "role": role}
            | {key: member[key] for key in ("beta", "code_size")}
            for member, role in zip(spec["members"], roles(spec["members"]), strict=True)
        ]
        for member, path in zip(members, snakemake.input.weights, strict=True):
            model, name = read_model(path), member["name"]
            row, decoded = priced(model, images, labels, judge, generator("codes", name, spec["run"]))
            draw = generator("prior", prior["seed"])
            samples = model.decode(draw.standard_normal((prior["measured"], model.code_size), dtype=np.float32))
            table.append(member | row | sampled(samples, judge, len(spec["data"]["classes"])))
            arrays |= {f"{name}_decoded": rounded(decoded[shown]), f"{name}_samples": rounded(samples[: len(shown)])}
        write_table(snakemake.output.table, pd.DataFrame(table))
        write_arrays(snakemake.output.shown, arrays)
        write_table(
            snakemake.output.floors, pd.DataFrame([floors(idx.read_images(snakemake.input.train_images), images)])
        )

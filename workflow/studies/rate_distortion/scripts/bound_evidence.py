"""Bound the likelihood of binary test images under variational models, by importance sampling.

Inputs: weights of the models; test images.

Outputs: `bounds.csv`, one row per model, way of making images binary (`fixed`, `drawn`) and number of samples: the
negative bound in nats per image, mean over the first test images (`nats`), and its standard error over these
(`error`); the number of these images (`images`); and what the bound is for all test images (`nats_of_all`), which is
their negative ELBO plus what the bound of the first images gains over the ELBO, with its standard error
(`error_of_all`).
"""

import numpy as np
import pandas as pd

from aelab.analysis import importance, measures
from aelab.data import binarisation, idx
from aelab.data.randomness import generator
from aelab.files.atomic import write_table
from aelab.inference import trained
from aelab.jobs import frame
from aelab.kinds.models import read_model
from aelab.plan import specs


def negative_elbos(model: trained.Variational, images: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """Return the negative ELBO of images (n, pixels), float64 (n,) in nats, with one sample of each posterior."""
    mean, log_sigma = (values.astype(np.float64) for values in model.statistics(images))
    codes = mean + draw.standard_normal(mean.shape) * np.exp(log_sigma)
    misfits = measures.cross_entropy_of_logits_per_image(images, model.logits(codes.astype(np.float32)))
    return misfits + measures.kl_per_dimension(mean, log_sigma).sum(axis=1)


def negative_bounds(
    model: trained.Variational, images: np.ndarray, counts: list[int], draw: np.random.Generator
) -> np.ndarray:
    """Bound the likelihood of binary images with several numbers of samples.

    Parameters
    ----------
    model : trained.Variational
        The model.
    images : np.ndarray
        Images (n, pixels) with pixels 0 or 1.
    counts : list of int
        The numbers of samples.
    draw : np.random.Generator
        Source of the samples.

    Returns
    -------
    np.ndarray
        Negative bounds (n, counts), float64, in nats.
    """
    means, log_sigmas = model.statistics(images)
    weights = [
        importance.log_weights(
            lambda codes, image=image: importance.log_likelihood_of_binary(image, model.logits(codes)),
            mean,
            log_sigma,
            counts[-1],
            draw,
        )
        for image, mean, log_sigma in zip(images, means, log_sigmas, strict=True)
    ]
    return -importance.bounds(np.array(weights), counts)


def summarised(negative: np.ndarray, elbos: np.ndarray) -> list[dict[str, float]]:
    """Summarise bounds over images, and carry them over to all images.

    Parameters
    ----------
    negative : np.ndarray
        Negative bounds (n, counts) of the first images; the first column is for one sample.
    elbos : np.ndarray
        Negative ELBOs (m,) of all images.

    Returns
    -------
    list of dict of str to float
        For each count `nats`, `error`, `nats_of_all` and `error_of_all`.
    """

    def error(values: np.ndarray) -> float:
        return float(values.std(ddof=1) / np.sqrt(len(values)))

    def error_of_all(gain: np.ndarray) -> float:
        shared = np.cov(elbos[: len(gain)], gain)[0, 1] / len(elbos)  # the first images are among all
        return float(np.sqrt(max(error(elbos) ** 2 + error(gain) ** 2 - 2 * shared, 0)))

    gains = negative[:, :1] - negative
    return [
        {
            "nats": float(column.mean()),
            "error": error(column),
            "nats_of_all": float(elbos.mean() - gain.mean()),
            "error_of_all": error_of_all(gain),
        }
        for column, gain in zip(negative.T, gains.T, strict=True)
    ]


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        counts, number, run = spec["importance"]["samples"], spec["importance"]["images"], spec["run"]
        grey = idx.read_images(snakemake.input.images)
        binary = {"fixed": binarisation.fixed(grey), "drawn": binarisation.drawn(grey, run)}
        rows = []
        for member, path in zip(spec["members"], snakemake.input.weights, strict=True):
            model, name = read_model(path), member["name"]
            for how, images in binary.items():
                elbos = negative_elbos(model, images, generator("elbos", name, how, run))
                first = images[:number]
                negative = negative_bounds(model, first, counts, generator("importance", name, how, run))
                common = {"model": name, "binarisation": how, "images": len(first)}
                for count, found in zip(counts, summarised(negative, elbos), strict=True):
                    rows.append(common | {"samples": count} | found)
        columns = ["model", "binarisation", "images", "samples", "nats", "error", "nats_of_all", "error_of_all"]
        write_table(snakemake.output[0], pd.DataFrame(rows, columns=columns))

"""Evaluate one trained model on the test images.

Inputs: weights; test images and labels; the split; weights of the judge; corrupted test images if the model's entry
asks for them; the codes of another model if this model works on those.

Outputs: the metrics (MSE per pixel; shares in [0, 1]) and a table by digit.
"""

import numpy as np

from aelab.analysis import measures
from aelab.data import datasets, idx
from aelab.data.randomness import generator
from aelab.files.arrays import read_array
from aelab.files.atomic import write_columns, write_json
from aelab.inference import trained
from aelab.inference.judge import Judge
from aelab.jobs import frame
from aelab.kinds.models import read_model
from aelab.plan import specs


def evaluate(
    model: trained.Model,
    images: np.ndarray,
    labels: np.ndarray,
    shape: tuple[int, int],
    classes: int,
    judge: Judge | None = None,
    corrupted: np.ndarray | None = None,
    name: str = "",
    seed: int = 0,
) -> tuple[dict, dict[str, np.ndarray]]:
    """Compute the metrics of a model that works on images.

    Parameters
    ----------
    model : trained.Model
        The model.
    images : np.ndarray
        Clean images (n, pixels) with pixels in [0, 1].
    labels : np.ndarray
        Class numbers (n,).
    shape : tuple of int
        Rows and columns of an image.
    classes : int
        Number of classes.
    judge : Judge or None
        The classifier that reads reconstructions; required for a model that learns images.
    corrupted : np.ndarray or None
        The corrupted images (n, pixels), if the model is to be evaluated on those too.
    name : str
        Name of the model; with `seed` it determines the samples from a variational model's posterior.
    seed : int
        Seed that the model was trained from.

    Returns
    -------
    metrics : dict
        Values by name.
    by_digit : dict of str to np.ndarray
        Columns (classes,) of the table by digit; `digit` holds class numbers.
    """
    metrics = {"parameters": model.parameters}
    by_digit = {"digit": np.arange(classes), "images": np.bincount(labels, minlength=classes)}
    if model.learns == "images":
        codes = model.encode(images)
        reconstructions = model.decode(codes)
        read_as = judge.read(reconstructions)[0]
        errors = measures.mse_per_image(images, reconstructions)
        metrics |= {
            "code_size": codes.shape[1],
            "test_mse": float(errors.mean()),
            "test_read_as_its_digit": float((read_as == labels).mean()),
            "test_sharpness": measures.sharpness(images, reconstructions, shape),
            "dead_output_pixels": measures.dead_outputs(reconstructions),
            "dead_code_units": measures.constant_outputs(codes),
            "codes_at_zero": float((codes == 0).mean()),
        }
        by_digit |= {
            "mse": measures.by_digit(errors, labels, classes),
            "read_as_its_digit": measures.by_digit(read_as == labels, labels, classes),
            **{f"read_as_{digit}": measures.by_digit(read_as == digit, labels, classes) for digit in range(classes)},
        }
        if corrupted is not None:
            denoised = model.reconstruct(corrupted)
            errors_corrupted = measures.mse_per_image(images, denoised)
            metrics |= {
                "test_mse_corrupted": float(errors_corrupted.mean()),
                "test_read_as_its_digit_corrupted": float((judge.read(denoised)[0] == labels).mean()),
                "test_sharpness_corrupted": measures.sharpness(images, denoised, shape),
                "test_correction_cosine": float(
                    measures.correction_cosine_per_image(images, corrupted, denoised).mean()
                ),
            }
            for suffix, given, own in (("", reconstructions, errors), ("_corrupted", denoised, errors_corrupted)):
                metrics[f"test_psnr{suffix}"] = measures.psnr_of(own)
                metrics[f"test_ssim{suffix}"] = measures.ssim(images, given, shape)
    if isinstance(model, trained.Variational):
        metrics |= of_variational(model, images, generator("measures", name, seed))
    elif model.learns == "labels":
        metrics["test_accuracy"] = float((model.encode(images).argmax(1) == labels).mean())
    return metrics, by_digit


def of_variational(model: trained.Variational, images: np.ndarray, draw: np.random.Generator) -> dict:
    """Compute the terms of a variational model's ELBO and count its active units.

    Parameters
    ----------
    model : trained.Variational
        The model.
    images : np.ndarray
        Images (n, pixels) with pixels in [0, 1].
    draw : np.random.Generator
        Source of one sample from the posterior of each image.

    Returns
    -------
    dict
        Cross-entropy, KL (total and by dimension) and negative ELBO, in nats per image, and the number of active units:
        those whose posterior mean has a variance above 0.01 over the images.

    References
    ----------
    Y. Burda, R. Grosse and R. Salakhutdinov (2016), Importance weighted autoencoders (active units).
    """
    mean, log_sigma = (values.astype(np.float64) for values in model.statistics(images))
    codes = mean + draw.standard_normal(mean.shape) * np.exp(log_sigma)
    cross_entropy = float(measures.cross_entropy_of_logits_per_image(images, model.logits(codes)).mean())
    divergence = measures.kl_per_dimension(mean, log_sigma).mean(axis=0)
    return {
        "test_cross_entropy": cross_entropy,
        "test_kl": float(divergence.sum()),
        "test_negative_elbo": cross_entropy + float(divergence.sum()),
        "active_units": int((mean.var(axis=0) > 0.01).sum()),
        **{f"kl_{n}": float(value) for n, value in enumerate(divergence, 1)},
    }


def evaluate_on_codes(
    model: trained.Model, codes: np.ndarray, labels: np.ndarray, classes: int
) -> tuple[dict, dict[str, np.ndarray]]:
    """Compute the metrics of a model that works on another model's codes.

    Parameters
    ----------
    model : trained.Model
        The model.
    codes : np.ndarray
        Codes (n, k) of the other model.
    labels : np.ndarray
        Class numbers (n,).
    classes : int
        Number of classes.

    Returns
    -------
    metrics : dict
        Values by name; the MSE is per number of the code.
    by_digit : dict of str to np.ndarray
        Columns (classes,) of the table by digit; `digit` holds class numbers.
    """
    errors = measures.mse_per_image(codes, model.reconstruct(codes))
    metrics = {
        "parameters": model.parameters,
        "code_size": model.code_size,
        "test_mse_of_codes": float(errors.mean()),
    }
    by_digit = {"digit": np.arange(classes), "images": np.bincount(labels, minlength=classes)}
    return metrics, {**by_digit, "mse_of_codes": measures.by_digit(errors, labels, classes)}


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        images, labels = datasets.read_labelled(snakemake.input.images, snakemake.input.labels)
        rows = datasets.read_split(snakemake.input.split)["test"]
        paths = dict(snakemake.input.items())
        model = read_model(paths["weights"])
        if "codes_from" in paths:
            codes = read_array(paths["codes_from"], (len(images), None))[rows]
            metrics, by_digit = evaluate_on_codes(model, codes, labels[rows], spec["classes"])
        else:
            corrupted = read_array(paths["corrupted"], (len(images), None)) if "corrupted" in paths else None
            metrics, by_digit = evaluate(
                model,
                datasets.unit(images[rows]),
                labels[rows],
                idx.image_shape(snakemake.input.images),
                spec["classes"],
                judge=Judge(read_model(paths["judge"])) if "judge" in paths else None,
                corrupted=None if corrupted is None else corrupted[rows],
                name=spec["model"],
                seed=spec["seed"],
            )
        write_json(snakemake.output.metrics, metrics)
        write_columns(snakemake.output.by_digit, by_digit)

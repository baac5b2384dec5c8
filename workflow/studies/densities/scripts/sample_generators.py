"""Draw samples from every generator of the study.

Inputs: the rows of `divide_images`; the weights and the split of each model; training images.

Outputs: an `.npz` file with one array (n, pixels) per generator, named `<model>.<way>`, rounded to 8 bits like the
pixels of the data set. The ways are

- `prior`: draws from N(0, I), decoded by a variational model;
- `gaussian` and `mixture`: draws from one Gaussian or several, fitted to the model's codes of its training images,
  decoded (Ghosh et al. 2020);
- `score`: the end of a walk from noise by x + eta (r(x) - x) (Alain and Bengio 2014);
- `chain`: the end of a chain from noise that corrupts x as in training and denoises it, again and again; the
  reconstruction stands for a draw from the distribution that the denoiser learns (Bengio et al. 2013, Generalized
  denoising auto-encoders as generative models).
"""

from collections.abc import Iterable

import numpy as np

from aelab.analysis import iterations, mixtures
from aelab.data import datasets, idx
from aelab.data.corruption import corrupt
from aelab.data.randomness import generator
from aelab.errors import LabError
from aelab.files.arrays import read_arrays
from aelab.files.atomic import write_arrays
from aelab.inference import trained
from aelab.jobs import frame
from aelab.kinds.models import read_model
from aelab.plan import specs


def rounded(images: np.ndarray) -> np.ndarray:
    """Convert pixels in [0, 1] to uint8, clipping what lies outside."""
    return np.rint(np.clip(images, 0, 1) * 255).astype(np.uint8)


def of_prior(model: trained.Model, number: int, draw: np.random.Generator, name: str = "") -> np.ndarray:
    """Decode draws from the prior (number, pixels).

    Raises
    ------
    LabError
        If the model has no prior.
    """
    if not isinstance(model, trained.Variational):
        raise LabError(f"{name} has no prior to draw from: studies.densities.prior takes variational models alone.")
    return model.decode(draw.standard_normal((number, model.code_size), dtype=np.float32))


def of_density(
    model: trained.Model, codes: np.ndarray, components: int, steps: int, number: int, draw: np.random.Generator
) -> np.ndarray:
    """Decode draws (number, pixels) from a mixture of Gaussians that is fitted to codes (m, k)."""
    fitted = mixtures.fit(codes, components, steps, draw)
    return model.decode(fitted.draw(number, draw).astype(np.float32))


def of_score(model: trained.Model, starts: np.ndarray, steps: int, eta: float) -> np.ndarray:
    """Walk along the score from starts (n, pixels); returns where the walks end."""
    images = starts
    for _ in range(steps):
        images = iterations.score_step(images, model.reconstruct(images), eta)
    return images


def of_chain(
    model: trained.Model, starts: np.ndarray, steps: int, corruption: dict, draw: np.random.Generator
) -> np.ndarray:
    """Corrupt and denoise in turn from starts (n, pixels); returns the last reconstructions."""
    images = starts
    for _ in range(steps):
        images = model.reconstruct(corrupt(images, corruption, draw))
    return images


def sampled(way: str, name: str, model: trained.Model, codes: np.ndarray, number: int, spec: dict) -> np.ndarray:
    """Draw samples from one generator.

    Parameters
    ----------
    way : str
        How (see above).
    name : str
        The name of the model.
    model : trained.Model
        The model.
    codes : np.ndarray
        Its codes of training images; used for `gaussian` and `mixture` alone.
    number : int
        How many samples.
    spec : dict
        The settings `fit`, `walks`, `noise`, `seed` and `run`.

    Returns
    -------
    np.ndarray, shape (number, pixels)
        uint8.
    """
    draw = generator("densities", way, name, spec["seed"], spec["run"])
    fit, walks = spec["fit"], spec["walks"]
    if way == "prior":
        return rounded(of_prior(model, number, draw, name))
    if way in ("gaussian", "mixture"):
        components = fit["components"] if way == "mixture" else 1
        return rounded(of_density(model, codes, components, fit["steps"], number, draw))
    starts = iterations.noise_images(number, model.description["input_size"], draw)
    if way == "score":
        return rounded(of_score(model, starts, walks["score_steps"], walks["eta"]))
    return rounded(of_chain(model, starts, walks["chain_steps"], spec["noise"][name], draw))


def all_samples(
    drawn: Iterable[dict[str, str]],
    models: dict[str, trained.Model],
    fitted: dict[str, np.ndarray],
    number: int,
    spec: dict,
) -> dict[str, np.ndarray]:
    """Draw samples from all generators.

    Parameters
    ----------
    drawn : iterable of dict
        The `model` and the `way` of each generator.
    models : dict of str to trained.Model
        The models by name.
    fitted : dict of str to np.ndarray
        The training images of each model, uint8, to whose codes densities are fitted.
    number : int
        How many samples of each.
    spec : dict
        As in `sampled`.

    Returns
    -------
    dict of str to np.ndarray
        Samples (number, pixels), uint8, by `<model>.<way>`.
    """
    codes, found = {}, {}
    for each in drawn:
        name, way = each["model"], each["way"]
        if way in ("gaussian", "mixture") and name not in codes:
            codes[name] = models[name].encode(fitted[name])
        found[f"{name}.{way}"] = sampled(way, name, models[name], codes.get(name), number, spec)
    return found


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        images = idx.read_images(snakemake.input.train_images)
        names = [member["name"] for member in spec["members"]]
        models = {name: read_model(path) for name, path in zip(names, snakemake.input.weights, strict=True)}
        rows = {
            name: datasets.read_split(path)["train"][: spec["fit"]["images"]]
            for name, path in zip(names, snakemake.input.splits, strict=True)
        }
        fitted = {name: images[rows[name]] for name in {each["model"] for each in spec["drawn"]}}
        number = len(read_arrays(snakemake.input.rows)["held_out"])
        write_arrays(snakemake.output[0], all_samples(spec["drawn"], models, fitted, number, spec))

"""Pack a trained model for the page of results, with weights as coarse as its pixels allow.

Inputs: the weights; test images.

Outputs: a script that holds the model. Its weights are rounded as far as neither reconstructions of test images and of
noisy ones nor decoded points change by more than a fraction of a grey level; a classifier's, as far as its
probabilities do not.
"""

import numpy as np

from aelab.data import datasets, idx
from aelab.data.randomness import generator
from aelab.files.atomic import replacing
from aelab.inference import trained
from aelab.jobs import frame
from aelab.kinds.models import read_model
from aelab.page import models, packing
from aelab.plan import specs

IMAGES, POINTS, NOISE = 60, 200, 0.4  # how many images and points, and the standard deviation of the noise
ENCODED = 1000  # images, in whose box of codes the points lie


def shown(model: trained.Model, images: np.ndarray, name: str) -> models.Values:
    """Return what the page shows of a model, by which its weights are rounded.

    Parameters
    ----------
    model : trained.Model
        The model.
    images : np.ndarray
        Test images (n, pixels), uint8.
    name : str
        Name of the model, from which noise and points are drawn.
    """
    draw = generator("page", name)
    many = images[np.linspace(0, len(images) - 1, min(ENCODED, len(images))).astype(int)]
    clean = datasets.unit(many[:: max(1, len(many) // IMAGES)])
    noisy = clean + np.float32(NOISE) * draw.standard_normal(clean.shape, dtype=np.float32)
    if isinstance(model, trained.Classifier):
        return models.of_classifier(np.concatenate([datasets.unit(many), np.clip(noisy, 0, 1)]))
    given = np.concatenate([clean, noisy])
    return models.of_autoencoder(given, models.spread(model.encode(many), POINTS, draw))


if "snakemake" in globals():
    with frame.job(snakemake):
        name = specs.parse(snakemake.params.spec)["model"]
        model = read_model(snakemake.input.weights)
        images = idx.read_images(snakemake.input.images)
        with replacing(snakemake.output[0]) as file:
            file.write(packing.script("model", name, models.pack(model, shown(model, images, name))))

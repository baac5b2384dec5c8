"""Differentiate encoders and reconstructions at clean and at corrupted test images.

Inputs: weights of the study's models; the reference tangents and their images; the corrupted test images.

Outputs, for the models in order, inputs `clean` and `corrupted`, and three sets of singular vectors (right ones of the
encoder's Jacobian, right and left ones of the reconstruction's, decoder after encoder):

- `spectra.npz`: `values` (models, 2, 2, n, k), the singular values of encoder and reconstruction; `overlaps` (models,
  2, 3, n, k, d + 4), inner products of the singular vectors with the reference tangents `neighbours` and
  `transformations`.
- `jacobians.npz`, at one image: `images` (2, pixels); `encoder` (models, 2, k, pixels), the Jacobian; `vectors`
  (models, 2, 3, k, pixels), the singular vectors.

The right singular vectors of the encoder's Jacobian are the tangents of Rifai et al. (2011). Those of the
reconstruction's do not change if the code is stretched, rotated or sheared and the decoder undoes it; its left ones
span the tangent plane of the surface of decoded images.

References
----------
S. Rifai et al. (2011), The manifold tangent classifier.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from aelab.analysis import tangents
from aelab.files.arrays import read_array, read_arrays
from aelab.files.atomic import write_arrays
from aelab.jobs import frame
from aelab.kinds import architectures
from aelab.plan import specs
from aelab.training import devices, jacobians
from aelab.training.autoencoder import Autoencoder

BLOCK = 100  # number of images whose Jacobians are in memory at the same time


def differentiated(
    encoder_of: Callable[[ArrayLike], np.ndarray],
    decoder_of: Callable[[ArrayLike], np.ndarray],
    architecture: Autoencoder,
    images: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Compute the encoder's Jacobians at images, and the singular values and vectors of encoder and reconstruction.

    Parameters
    ----------
    encoder_of : callable
        Computes the encoder's Jacobians (n, k, d) at images (n, d).
    decoder_of : callable
        Computes the decoder's Jacobians (n, d, k) at codes (n, k).
    architecture : Autoencoder
        The model.
    images : np.ndarray
        Images (n, d).

    Returns
    -------
    encoder : np.ndarray
        Jacobians of the encoder (n, k, d).
    values : np.ndarray
        Singular values of encoder and reconstruction (2, n, k), float32.
    vectors : np.ndarray
        Right singular vectors of the encoder, right and left ones of the reconstruction (3, n, k, d), float32.
    """
    encoder = encoder_of(images)
    values, vectors = tangents.svd_of_rows(encoder)
    of_both, right, left = tangents.svd_of_product(decoder_of(architecture.code(images)), encoder)
    return (
        encoder,
        np.stack([values, of_both]).astype(np.float32),
        np.stack([vectors, right, left]).astype(np.float32),
    )


def differentiate(
    models: list[Autoencoder], inputs: np.ndarray, references: np.ndarray, shown: int
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Differentiate all models at all images.

    Parameters
    ----------
    models : list of Autoencoder
        The models, with codes of one size.
    inputs : np.ndarray
        Clean and corrupted images (2, n, d).
    references : np.ndarray
        Reference tangents at each image (n, r, d).
    shown : int
        Index of the image whose Jacobians and singular vectors are kept.

    Returns
    -------
    spectra : dict of str to np.ndarray
        The arrays of `spectra.npz`.
    at_one_image : dict of str to np.ndarray
        The arrays of `jacobians.npz`.
    """
    values, overlaps, encoders, vectors = [], [], [], []
    for architecture in models:
        encoder_of = jacobians.of_encoder(architecture, inputs.shape[-1])
        decoder_of = jacobians.of_decoder(architecture, architecture.code(inputs[0][:1]).shape[1], inputs.shape[-1])
        for images in inputs:
            spectra, products = [], []
            for start in range(0, len(images), BLOCK):
                rows = slice(start, start + BLOCK)
                encoder, found, directions = differentiated(encoder_of, decoder_of, architecture, images[rows])
                spectra.append(found)
                products.append(directions @ references[rows].transpose(0, 2, 1))
                if start <= shown < start + BLOCK:
                    encoders.append(encoder[shown - start].copy())
                    vectors.append(directions[:, shown - start].copy())
            values.append(np.concatenate(spectra, axis=1))
            overlaps.append(np.concatenate(products, axis=1))

    def by_model(parts: list[np.ndarray]) -> np.ndarray:
        return np.stack(parts).reshape(len(models), len(inputs), *parts[0].shape)

    return (
        {"values": by_model(values), "overlaps": by_model(overlaps)},
        {"images": inputs[:, shown], "encoder": by_model(encoders), "vectors": by_model(vectors)},
    )


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        devices.prepare(0)
        references = read_arrays(snakemake.input.references)
        corrupted = read_array(snakemake.input.corrupted, (None, None))[references["rows"]]
        models = [
            architectures.create(member["entry"]).load(path)
            for member, path in zip(spec["members"], snakemake.input.weights, strict=True)
        ]
        spectra, at_one_image = differentiate(
            models,
            np.stack([references["images"], corrupted]),
            np.concatenate([references["neighbours"], references["transformations"]], axis=1),
            spec["shown_image"],
        )
        write_arrays(snakemake.output.spectra, spectra)
        write_arrays(snakemake.output.jacobians, at_one_image)

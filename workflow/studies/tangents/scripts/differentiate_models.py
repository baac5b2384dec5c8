"""Differentiate encoders and reconstructions at clean and at corrupted test images.

In: weights of the study's models, the reference tangents with their images, the corrupted test images.
Out, for the models in order, inputs `clean` and `corrupted`, and three sets of singular vectors: the right ones of
the encoder's Jacobian, the right ones and the left ones of the reconstruction's (decoder of encoder):

- `spectra.npz`: `values` (models, 2, 2, n, k), singular values of encoder and reconstruction; `overlaps` (models,
  2, 3, n, k, d + 4), inner products of the vectors with the reference tangents `neighbours` and `transformations`.
- `jacobians.npz`, at one image: `images` (2, pixels); `encoder` (models, 2, k, pixels), the Jacobian; `vectors`
  (models, 2, 3, k, pixels), the singular vectors.

Right singular vectors of the encoder are the tangents of Rifai et al. (2011), The manifold tangent classifier. Those
of the reconstruction do not change when the code is stretched, turned or sheared and the decoder undoes it;
its left ones span the tangent plane of the surface that the decoder draws.
"""

import numpy as np

from aelab import kinds
from aelab.analysis import tangents
from aelab.files.arrays import read_array, read_arrays
from aelab.files.atomic import write_arrays
from aelab.jobs import frame
from aelab.plan import specs
from aelab.training import devices, jacobians

BLOCK = 100  # images whose Jacobians are in memory together


def differentiated(encoder_of, decoder_of, architecture, images):
    """Of images (n, d): encoder's Jacobians (n, k, d), singular values (2, n, k), vectors (3, n, k, d)."""
    encoder = encoder_of(images)
    values, vectors = tangents.svd_of_rows(encoder)
    of_both, right, left = tangents.svd_of_product(decoder_of(architecture.code(images)), encoder)
    return (
        encoder,
        np.stack([values, of_both]).astype(np.float32),
        np.stack([vectors, right, left]).astype(np.float32),
    )


def differentiate(models, inputs, references, shown):
    """Of models the arrays of `spectra.npz` and of `jacobians.npz`; inputs (2, n, d), references (n, r, d)."""
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

    def by_model(parts):
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
            kinds.create(member["entry"]).load(path)
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

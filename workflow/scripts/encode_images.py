"""Encode the training or the test images with a trained model.

Inputs: weights; images.

Outputs: the codes (n, k), float32.
"""

from aelab.data import idx
from aelab.files.atomic import write_array
from aelab.inference import trained
from aelab.jobs import frame

if "snakemake" in globals():
    with frame.job(snakemake):
        model = trained.read(snakemake.input.weights)
        write_array(snakemake.output[0], model.encode(idx.read_images(snakemake.input.images)))

"""Encode the training or the test images with a trained model.

Inputs: weights; images.

Outputs: the codes (n, k), float32.
"""

from aelab.data import idx
from aelab.files.atomic import write_array
from aelab.jobs import frame
from aelab.kinds.models import read_model

if "snakemake" in globals():
    with frame.job(snakemake):
        model = read_model(snakemake.input.weights)
        write_array(snakemake.output[0], model.encode(idx.read_images(snakemake.input.images)))

"""Encode all images with a trained model.

Inputs: weights; training and test images.

Outputs: the codes (n, k) of training and test images, float32, one `.npy` file each.
"""

from aelab.data import idx
from aelab.files.atomic import write_array
from aelab.jobs import frame
from aelab.kinds.models import read_model
from aelab.plan import specs

if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        model = read_model(snakemake.input.weights)
        write_array(snakemake.output.train, model.encode(idx.read_images(snakemake.input.train_images)))
        write_array(snakemake.output.test, model.encode(idx.read_images(snakemake.input.test_images)))

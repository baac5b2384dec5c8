"""Fit a principal component analysis and write it as a model like any other.

Inputs: the training images; the split.

Outputs: weights (`.npz`) and a history without epochs.
"""

from aelab.data import datasets, idx
from aelab.files import weights
from aelab.files.atomic import write_columns
from aelab.inference import assembled, linear
from aelab.jobs import frame
from aelab.plan import specs

if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        rows = datasets.read_split(snakemake.input.split)["train"]
        images = datasets.unit(idx.read_images(snakemake.input.images)[rows])
        model = assembled.linear(*linear.principal_components(images, spec["code_size"]))
        weights.write(snakemake.output.weights, *model)
        write_columns(snakemake.output.history, {"epoch": [], "training_loss": [], "validation_loss": []})

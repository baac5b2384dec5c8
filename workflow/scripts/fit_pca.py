"""Fit a principal component analysis, a model like any other.

In: the training images with the split's indices. Out: weights (`.npz`) and a history without epochs.
"""

from aelab import assembled, datasets, idx, journal, linear, specs, weights
from aelab.atomic import write_columns

if "snakemake" in globals():
    with journal.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        rows = datasets.read_split(snakemake.input.split)["train"]
        images = datasets.unit(idx.read_images(snakemake.input.images)[rows])
        model = assembled.linear(*linear.principal_components(images, spec["code_size"]))
        weights.write(snakemake.output.weights, *model)
        write_columns(snakemake.output.history, {"epoch": [], "training_loss": [], "validation_loss": []})

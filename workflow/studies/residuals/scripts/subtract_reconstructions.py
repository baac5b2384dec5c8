"""Take the residuals of test images: true - reconstruction, signs kept.

In: weights of the study's models, test images, corrupted test images, the split. Out: for each model and kind of
input that the study shows, an `.npy` file of float32 (n, pixels), a row a test image of the split in their order. Where
the study asks for the `code`, that is subtracted as if it were an image, as was published.
"""

from aelab.data import datasets, idx
from aelab.files.arrays import read_array
from aelab.files.atomic import write_array
from aelab.inference import trained
from aelab.jobs import frame
from aelab.plan import specs


def residuals(model, images, inputs, output):
    """images - reconstruction (or code) of the inputs; all (n, pixels), about [-1, 1]."""
    return images - (model.encode(inputs) if output == "code" else model.reconstruct(inputs))


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        rows = datasets.read_split(snakemake.input.split)["test"]
        clean = datasets.unit(idx.read_images(snakemake.input.images)[rows])
        inputs = {"clean": clean, "corrupted": read_array(snakemake.input.corrupted, (None, None))[rows]}
        models = {
            member["name"]: trained.read(path)
            for member, path in zip(spec["members"], snakemake.input.weights, strict=True)
        }
        for shown, path in zip(spec["shown"], snakemake.output, strict=True):
            write_array(path, residuals(models[shown["model"]], clean, inputs[shown["inputs"]], shown["output"]))

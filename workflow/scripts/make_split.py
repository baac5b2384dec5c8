"""Divide the images into training, validation and test images.

In: the split's entry. Out: an `.npz` file of int32 indices: `train` and `validation` into the 60,000
training images, `test` into the 10,000 test images (left out where the entry has no `test`).
"""

from aelab import journal, specs, splits
from aelab.atomic import write_arrays

if "snakemake" in globals():
    with journal.job(snakemake):
        write_arrays(snakemake.output[0], splits.split(specs.parse(snakemake.params.spec)["split"]))

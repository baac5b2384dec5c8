"""Divide the images into training, validation and test images.

In: the split's entry. Out: an `.npz` file of int32 indices: `train` and `validation` into the
training images, `test` into the test images (left out where the entry has no `test`).
"""

from aelab.data import splits
from aelab.files.atomic import write_arrays
from aelab.jobs import frame
from aelab.plan import specs

if "snakemake" in globals():
    with frame.job(snakemake):
        write_arrays(snakemake.output[0], splits.split(specs.parse(snakemake.params.spec)["split"]))

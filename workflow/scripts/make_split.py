"""Split the images into training, validation and test images.

Inputs: none; the split's entry is part of the spec.

Outputs: an `.npz` file of int32 indices: `train` and `validation` into the training images, `test` into the test images
(left out if the entry has no `test`).
"""

from aelab.data import splits
from aelab.files.atomic import write_arrays
from aelab.jobs import frame
from aelab.plan import specs

if "snakemake" in globals():
    with frame.job(snakemake):
        write_arrays(snakemake.output[0], splits.split(specs.parse(snakemake.params.spec)["split"]))

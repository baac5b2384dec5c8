"""Find k-means centres of the training images, as many as a generator has samples.

Inputs: the rows of `divide_images`; training images.

Outputs: the centres (n, pixels), rounded to 8 bits like the pixels of the data set. k-means starts at training images
drawn at random. Theis et al. (2016) judge such centres as if they were samples.
"""

import numpy as np

from aelab.analysis import mixtures
from aelab.data import idx
from aelab.data.randomness import generator
from aelab.files.arrays import read_arrays
from aelab.files.atomic import write_array
from aelab.jobs import frame
from aelab.plan import specs

if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        images = idx.read_images(snakemake.input.train_images)
        number = len(read_arrays(snakemake.input.rows)["held_out"])
        draw = generator("densities", "centres", spec["seed"], spec["run"])
        starts = images[np.sort(draw.choice(len(images), number, replace=False))].astype(np.float32)
        centres = mixtures.k_means(images, starts, spec["clustering"]["steps"])
        write_array(snakemake.output[0], np.rint(centres).astype(np.uint8))

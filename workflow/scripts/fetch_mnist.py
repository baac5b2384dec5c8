"""Fetch the four IDX files of MNIST and check each against its SHA-256.

In: the configuration's `data`. Out: the four uncompressed files, 70,000 images of 28 x 28 pixels (0 to
255) and their labels. Source: LeCun, Cortes and Burges, The MNIST database of handwritten digits.
"""

from pathlib import Path

from aelab.data import sources
from aelab.files.atomic import replacing
from aelab.jobs import frame
from aelab.plan import specs


def write(contents, outputs):
    """Write each file to the output of its name."""
    for path in outputs:
        with replacing(path) as file:
            file.write(contents[Path(path).name])


if "snakemake" in globals():
    with frame.job(snakemake):
        write(sources.fetch(specs.parse(snakemake.resources.source)), snakemake.output)

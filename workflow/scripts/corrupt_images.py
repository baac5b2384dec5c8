"""Draw one fixed corruption of the training or of the test images.

In: images (n, pixels), the corruption's entry. Out: corrupted images as float32 (n, pixels), pixels about
[0, 1] (beyond where the corruption is not clipped). Each part has a draw of its own.
"""

from aelab.data import corruption, datasets, idx
from aelab.data.randomness import generator
from aelab.files.atomic import write_array
from aelab.jobs import frame
from aelab.plan import specs


def draw(images_path, settings, name, part):
    """The corrupted images of one part, `train` or `test`."""
    images = datasets.unit(idx.read_images(images_path))
    return corruption.corrupt(images, settings, generator("corruption", name, settings["seed"], part))


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        write_array(snakemake.output[0], draw(snakemake.input.images, spec["settings"], spec["name"], spec["part"]))

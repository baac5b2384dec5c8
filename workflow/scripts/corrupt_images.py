"""Draw one fixed corruption of the training or of the test images.

Inputs: the images.

Outputs: the corrupted images (n, pixels), float32, with pixels roughly in [0, 1]; values beyond occur where the
corruption is not clipped. Training and test images have independent draws.
"""

import numpy as np

from aelab.data import corruption, datasets, idx
from aelab.data.randomness import generator
from aelab.files.atomic import write_array
from aelab.jobs import frame
from aelab.plan import specs


def draw(images_path: str, settings: dict, name: str, part: str) -> np.ndarray:
    """Corrupt the images of one part.

    Parameters
    ----------
    images_path : str
        The IDX file of the images.
    settings : dict
        The corruption's entry in the configuration.
    name : str
        Name of the corruption.
    part : {"train", "test"}
        The part that the images are.

    Returns
    -------
    np.ndarray
        Corrupted images (n, pixels), float32.
    """
    images = datasets.unit(idx.read_images(images_path))
    return corruption.corrupt(images, settings, generator("corruption", name, settings["seed"], part))


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        write_array(snakemake.output[0], draw(snakemake.input.images, spec["settings"], spec["name"], spec["part"]))

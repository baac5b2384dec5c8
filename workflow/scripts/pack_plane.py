"""Pack the codes of test images in a plane, for the page of results.

Inputs: codes of two numbers (n, 2).

Outputs: a script that holds them as whole numbers of steps, of which the plane has 2^12 in each direction.
"""

import numpy as np

from aelab.files.arrays import read_array
from aelab.files.atomic import replacing
from aelab.jobs import frame
from aelab.page import packing
from aelab.plan import specs

STEPS, MOST = 2**12, 20_000


def plane(codes: np.ndarray) -> dict:
    """Return codes (n, 2) as the page takes them: `low` and `step` of each axis, and whole numbers of steps."""
    codes = np.asarray(codes[:MOST], np.float64)
    low = codes.min(axis=0)
    step = np.maximum(codes.max(axis=0) - low, 1e-6) / (STEPS - 1)
    return {"low": low.tolist(), "step": step.tolist(), **packing.packed(np.round((codes - low) / step).astype(int))}


if "snakemake" in globals():
    with frame.job(snakemake):
        name = specs.parse(snakemake.params.spec)["model"]
        codes = read_array(snakemake.input[0], (None, 2))
        with replacing(snakemake.output[0]) as file:
            file.write(packing.script("plane", name, plane(codes)))

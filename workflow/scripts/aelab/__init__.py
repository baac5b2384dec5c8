"""Autoencoders on MNIST, from images to claims.

Modules stand on floors:

1. standard library: `errors`, `specs`, `digests`, `provenance`, `genuine`, `configuration`, `effort`, `plan`,
   `locks`, `runs`, `atomic`, `journal`, `sources`, `claims`
2. NumPy: `randomness`, `idx`, `splits`, `corruption`, `datasets`, `checkpoints`, `weights`, `assembled`, `layers`,
   `trained`, `linear`, `normal`, `measures`, `neighbours`, `paths`, `tangents`, `iterations`, `tables`
3. TensorFlow: `devices`, `losses`, `schedules`, `networks`, `autoencoder`, `variational`,
   `architectures`, `training`, `jacobians`
4. Matplotlib: `figures`
5. Snakemake: `snakemake_gaps`, `targets`

A module imports from its own floor and from those below. Matplotlib stands beside TensorFlow and not on it, Snakemake
on the standard library alone.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 (an environment made by hand may be older)
    raise SystemExit(
        "error: Python 3.11 or newer is needed; this is {}.{} ({}).\n"
        "Use the environment that `make` sets up, or `snakemake --use-conda`.".format(
            *sys.version_info[:2], sys.executable
        )
    )

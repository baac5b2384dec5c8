"""Checkpoints whose content is arrays by name: weights, the state of the optimiser, the history."""

from aelab.files.arrays import read_arrays
from aelab.files.atomic import write_arrays
from aelab.jobs import checkpoints


class Checkpoint(checkpoints.Checkpoint):
    """The checkpoint of one training in a folder of its own, an `.npz` file (`aelab.jobs.checkpoints`)."""

    read = staticmethod(read_arrays)
    write = staticmethod(write_arrays)

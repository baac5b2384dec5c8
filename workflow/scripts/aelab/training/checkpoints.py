"""Checkpoints of trainings as files of arrays: weights, the state of the optimizer, the history."""

from aelab.files.arrays import read_arrays
from aelab.files.atomic import write_arrays
from aelab.jobs import checkpoints


class Checkpoint(checkpoints.Checkpoint):
    """The checkpoint of one training, an `.npz` file. See `aelab.jobs.checkpoints.Checkpoint`."""

    read = staticmethod(read_arrays)
    write = staticmethod(write_arrays)

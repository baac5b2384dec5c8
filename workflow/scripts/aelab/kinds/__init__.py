"""The kinds of model that are trained by gradients (`aelab.assembled` has the others).

Each module holds one class `Architecture`; `create` picks the module by the entry's kind. A new kind is a new module
here, its keys in `schemas/models/<kind>.schema.yaml` and an entry in the configuration; layers that no other kind has
go into `aelab.layers` too, as trained models are applied there.
"""

import importlib

from aelab.errors import LabError


def create(entry):
    """The model of an entry, with freshly drawn weights. Seed Keras before."""
    return importlib.import_module(f"aelab.architectures.{entry['kind']}").Architecture(entry)


def check_output(entry, size, expected=784):
    """Raise `LabError` unless a decoder ends in as many numbers as an image has pixels."""
    if size != expected:
        raise LabError(f"The decoder of this {entry['kind']} model ends in {size} numbers; {expected} are expected.")

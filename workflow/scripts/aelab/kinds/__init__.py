"""The kinds of model, a folder each.

- `schema.yaml`: the keys of its entries, beside those of `schemas/model.schema.yaml`
- `declaration.py`: one class `Declaration`, what planning asks of it, without TensorFlow (`aelab.kinds.declarations`)
- `architecture.py`: one class `Architecture`, its networks and its loss in TensorFlow, where it is trained by gradients

A new kind is a new folder here and an entry in the configuration; layers that no other kind has go into
`aelab.inference.layers` too, as trained models are applied there.
"""

import importlib


def create(entry):
    """The model of an entry, with freshly drawn weights. Seed Keras before."""
    return importlib.import_module(f"aelab.kinds.{entry['kind']}.architecture").Architecture(entry)

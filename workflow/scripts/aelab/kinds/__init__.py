"""The kinds of model, a folder each: its `architecture` (TensorFlow, one class `Architecture`) and its `schema.yaml`.

`pca` and `stack` are not trained by gradients and have no architecture (`aelab.inference.assembled` makes them). A new
kind is a new folder here and an entry in the configuration; layers that no other kind has go into
`aelab.inference.layers` too, as trained models are applied there.
"""

import importlib


def create(entry):
    """The model of an entry, with freshly drawn weights. Seed Keras before."""
    return importlib.import_module(f"aelab.kinds.{entry['kind']}.architecture").Architecture(entry)

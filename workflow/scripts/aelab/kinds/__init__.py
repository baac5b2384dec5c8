"""The kinds of model, one folder per kind.

- `schema.yaml`: the keys of its entries, in addition to those of `schemas/model.schema.yaml`
- `declaration.py`: a class `Declaration` with what planning needs to know, without TensorFlow
  (`aelab.kinds.declarations`)
- `architecture.py`: a class `Architecture` with the networks and the loss in TensorFlow, if models of this kind are
  trained by gradient descent

To add a kind, add a folder here and an entry in the configuration. Types of layer that no other kind uses must also be
added to `aelab.inference.layers`, where trained models are applied.
"""

import importlib
from typing import Any


def create(entry: dict[str, Any]) -> object:
    """Build the model of an entry, with newly drawn weights.

    The weights depend on Keras's random seed, which the caller sets.

    Parameters
    ----------
    entry : dict
        The model's entry as `aelab.plan.plan.Plan.entry` returns it.

    Returns
    -------
    aelab.training.autoencoder.Autoencoder
        An instance of the class `Architecture` of the entry's kind.
    """
    return importlib.import_module(f"aelab.kinds.{entry['kind']}.architecture").Architecture(entry)

"""Models to be trained, in TensorFlow: each kind builds its own in its `architecture.py`."""

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

    Raises
    ------
    LabError
        If a weight file cannot describe the model's networks. Better now than when it is trained.
    """
    architecture = importlib.import_module(f"aelab.kinds.{entry['kind']}.architecture").Architecture(entry)
    _ = architecture.description
    return architecture

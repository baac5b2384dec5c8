"""Rough estimates of how much arithmetic and time each training takes.

They decide which training starts first and how much time a cluster allows for it, and no result.
"""

import math

from aelab.kinds import declarations
from aelab.kinds.declarations import Config
from aelab.plan import entries


def priorities(config: Config) -> dict[str, int]:
    """Return the priority of each model's training, by the model's name.

    A priority is the work of the training and of the longest chain of trainings that depend on it. The longest chain
    therefore starts first, and no core is left with a long training at the end.

    Parameters
    ----------
    config : dict
        The complete configuration.

    Returns
    -------
    dict of int
        Billions of multiplications and additions.
    """
    after = {name: [] for name in config["models"]}
    for name, entry in config["models"].items():
        for _, before in entries.upstream(entry):
            after[before].append(name)
    found = {}

    def priority(name: str) -> float:
        if name not in found:
            found[name] = work(config, name) + max(map(priority, after[name]), default=0)
        return found[name]

    return {name: round(priority(name)) for name in config["models"]}


def work(config: Config, name: str) -> float:
    """Return the work of one training in billions of multiplications and additions.

    It is 0 for a model that is not trained by gradient descent. For each image, a training is taken to cost three
    times as much as applying the model.
    """
    entry = config["models"][name]
    if not entry.get("epochs"):
        return 0
    train = config["splits"][entry["split"]]["train"]
    images = entry["updates"] * min(entry["batch_size"], train) if entry.get("updates") else train * entry["epochs"]
    return 6e-9 * declarations.of(entry).multiply_adds(entry, config) * images


# A training takes at most its start and its work at this rate, as 142 full-size trainings of all kinds did on one core
# of a Xeon.
START = 30  # seconds
RATE = 50  # billions of multiplications and additions in a second
# Other machines are slower, and share a file system that is.
MARGIN = 4


def minutes(config: Config, name: str) -> int:
    """Return how many minutes a training may take on a slow machine.

    Parameters
    ----------
    config : dict
        The complete configuration.
    name : str
        The name of the model.
    """
    return math.ceil(MARGIN * (START + work(config, name) / RATE) / 60)


def epochs(config: Config, name: str) -> int:
    """Return how many epochs a training has; 0 for a model that is not trained by gradient descent.

    The number of `updates`, if the entry gives one, ends the last epoch early.
    """
    entry = config["models"][name]
    if not entry.get("epochs"):
        return 0
    train = config["splits"][entry["split"]]["train"]
    steps = -(-train // min(entry["batch_size"], train))
    return -(-entry["updates"] // steps) if entry.get("updates") else entry["epochs"]

"""How much arithmetic a training takes, roughly: it decides which training starts first, and nothing else."""

from aelab.kinds import declarations
from aelab.plan import entries


def priorities(config):
    """The priority of each model's training, by name: the work of it and of the longest chain of trainings after it.

    In units of 10^9 multiplications and additions, so that the longest chain starts first and no core is
    left with a long training at the end.
    """
    after = {name: [] for name in config["models"]}
    for name, entry in config["models"].items():
        for _, before in entries.upstream(entry):
            after[before].append(name)
    found = {}

    def priority(name):
        if name not in found:
            found[name] = work(config, name) + max(map(priority, after[name]), default=0)
        return found[name]

    return {name: round(priority(name)) for name in config["models"]}


def work(config, name):
    """Billions of multiplications and additions of one training; 0 for a model that is not trained by gradients."""
    entry = config["models"][name]
    if not entry.get("epochs"):
        return 0
    images = config["splits"][entry["split"]]["train"] * entry["epochs"]
    if entry.get("updates"):
        images = min(images, entry["updates"] * entry["batch_size"])
    return 6e-9 * declarations.of(entry).multiply_adds(entry, config) * images

"""How much arithmetic a training takes, roughly: it decides which training starts first, and nothing else."""

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
    return 6e-9 * multiply_adds(config, name) * images


def multiply_adds(config, name):
    """Multiplications with an addition for one image on its way through a model; of convolutions, an estimate."""
    entry, dataset = config["models"][name], entries.dataset_of(config, name)
    if "filters" in entry:
        sides = [dataset.pixels**0.5 / 2**n for n in range(len(entry["filters"]))]
        once = sum(
            9 * side**2 * before * filters
            for side, before, filters in zip(sides, [1, *entry["filters"]], entry["filters"], strict=False)
        )
        return once if entries.learns_labels(entry) else 2 * once
    first = entries.code_size(config, entry["codes_of"]) if entry.get("codes_of") else dataset.pixels
    codes = [entry["code_size"]] if "code_size" in entry else []
    widths = [first, *entry["encoder"]["widths"], *codes, *entry["decoder"]["widths"]]
    if widths[-1] != first:
        widths.append(first)
    return sum(a * b for a, b in zip(widths, widths[1:], strict=False))

"""What the entry of a model says of it, as its kind declares it, and what every entry must keep to."""

from aelab.errors import ConfigurationError
from aelab.kinds import declarations
from aelab.kinds.declarations import code_size as code_size


def upstream(entry):
    """Pairs (key, model) of the models that an entry is trained after."""
    codes = [("codes_of", entry["codes_of"])] if entry.get("codes_of") else []
    return codes + declarations.of(entry).starts(entry)


def learns_labels(entry):
    """Whether models of this entry's kind are trained on labels: classifiers, which reconstruct nothing."""
    return declarations.of(entry).learns == "labels"


def check_model(config, name):
    """Shapes fit and what is asked for exists."""
    entry, where = config["models"][name], f"models.{name}"
    split = config["splits"][entry["split"]]
    if entry.get("watch") == "validation" and not split["validation"]:
        raise ConfigurationError(
            f"{where}.watch", "'validation'", f"the split {entry['split']} has no validation images: test or none"
        )
    if entry.get("micro_batch") and entry["micro_batch"] > entry["batch_size"]:
        raise ConfigurationError(
            f"{where}.micro_batch", entry["micro_batch"], f"allowed: at most {entry['batch_size']}, the batch_size"
        )
    if entry.get("codes_of") and entry.get("watch") == "test":
        raise ConfigurationError(f"{where}.watch", "'test'", "a model that works on codes watches validation or none")
    for key, layers in entry.items():
        if isinstance(layers, dict) and layers.keys() == {"widths", "activations"}:
            widths, activations = len(layers["widths"]), len(layers["activations"])
            if widths != activations:
                raise ConfigurationError(
                    f"{where}.{key}.activations", f"{activations} activations", f"one for each of the {widths} widths"
                )
    declarations.of(entry).check(entry, config, where)

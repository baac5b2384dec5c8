"""What the entry of a model says of it, as its kind declares it, and what every entry must keep to."""

from aelab.errors import ConfigurationError
from aelab.kinds import declarations
from aelab.kinds.declarations import code_size as code_size
from aelab.kinds.declarations import dataset


def upstream(entry):
    """Pairs (key, model) of the models that an entry is trained after."""
    codes = [("codes_of", entry["codes_of"])] if entry.get("codes_of") else []
    return codes + declarations.of(entry).starts(entry)


def learns_labels(entry):
    """Whether models of this entry's kind are trained on labels: classifiers, which reconstruct nothing."""
    return declarations.of(entry).learns == "labels"


def dataset_of(config, name):
    """The data set whose images a model is trained on."""
    return dataset(config["models"][name], config)


def judges(config):
    """The judge of each data set that has one, by the data set's name."""
    named = config["judge"]
    return named if isinstance(named, dict) else {dataset_of(config, named).name: named}


def spelled_out(config, entry):
    """An entry whose widths say how many pixels an image has where the configuration says `pixels`."""
    pixels = dataset(entry, config).pixels
    given = {key: part for key, part in entry.items() if key in ("encoder", "decoder") and "pixels" in part["widths"]}
    entry = {
        **entry,
        **{
            key: {**part, "widths": [pixels if width == "pixels" else width for width in part["widths"]]}
            for key, part in given.items()
        },
    }
    if "{pixels}" in entry["description"]:
        entry["description"] = entry["description"].replace("{pixels}", str(pixels))
    return entry


def check_model(config, name):
    """Shapes fit and what is asked for exists."""
    entry, where = config["models"][name], f"models.{name}"
    split = config["splits"][entry["split"]]
    check_fits(config, name)
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


def check_fits(config, name):
    """The kind of a model can work on images of its data set's size, and a code on one data set's images."""
    entry, where, images = config["models"][name], f"models.{name}", dataset_of(config, name)
    reason = declarations.of(entry).unfit(entry, images.shape)
    if reason:
        rows, columns = images.shape
        raise ConfigurationError(
            f"{where}.split", f"{entry['split']}, whose images have {rows} x {columns} pixels", reason
        )
    if entry.get("codes_of") and dataset_of(config, entry["codes_of"]).name != images.name:
        raise ConfigurationError(
            f"{where}.codes_of", f"{entry['codes_of']}, which encodes other images", f"a model on {images.name}"
        )

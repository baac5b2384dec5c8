"""What a model's entry says about the model, as its kind declares it, and the checks that every entry must pass."""

from aelab.errors import ConfigurationError
from aelab.kinds import declarations
from aelab.kinds.declarations import Config, Entry, dataset
from aelab.kinds.declarations import code_size as code_size
from aelab.plan.dataset import Dataset


def upstream(entry: Entry) -> list[tuple[str, str]]:
    """Return the models that must be trained before the model of an entry.

    Parameters
    ----------
    entry : dict
        The model's entry.

    Returns
    -------
    list of (str, str)
        The key of the entry that names a model, such as `codes_of` or `starts_from`, and that model's name.
    """
    codes = [("codes_of", entry["codes_of"])] if entry.get("codes_of") else []
    return codes + declarations.of(entry).starts(entry)


def learns_labels(entry: Entry) -> bool:
    """Return whether the model is a classifier: trained on labels, it reconstructs nothing."""
    return declarations.of(entry).learns == "labels"


def dataset_of(config: Config, name: str) -> Dataset:
    """Return the data set whose images the model called `name` is trained on."""
    return dataset(config["models"][name], config)


def judges(config: Config) -> dict[str, str]:
    """Return the name of each data set's judge (a classifier), by the name of the data set.

    Data sets without a judge are left out.
    """
    named = config["judge"]
    return named if isinstance(named, dict) else {dataset_of(config, named).name: named}


def spelled_out(config: Config, entry: Entry) -> Entry:
    """Replace the word `pixels` by the number of pixels in an image.

    Parameters
    ----------
    config : dict
        The configuration, with data sets and splits checked.
    entry : dict
        The model's entry. It is not changed.

    Returns
    -------
    dict
        A copy of the entry with the number in place of the width `pixels` in `encoder` and `decoder`, and of
        `{pixels}` in `description`.
    """
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


def check_model(config: Config, name: str) -> None:
    """Check that the values of one model's entry fit together.

    Parameters
    ----------
    config : dict
        The configuration, in which every reference is known to exist.
    name : str
        The name of the model.

    Raises
    ------
    ConfigurationError
        If the kind cannot work on these images, if there are no images for `watch`, if `micro_batch` exceeds
        `batch_size`, if a stack has unequal numbers of widths and activations, or if the kind's own check fails.
    """
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
    if missing := declarations.not_in_numpy(entry, config):
        raise ConfigurationError(
            f"{where}.kind",
            f"{entry['kind']}, with {', '.join(missing)}, which could be trained but not applied afterwards",
            f"allowed: what aelab/inference/operations.py lists, or a function in kinds/{entry['kind']}/inference.py",
        )


def check_fits(config: Config, name: str) -> None:
    """Check that a model's kind can work on images of the size that its data set has.

    Parameters
    ----------
    config : dict
        The configuration, in which every reference is known to exist.
    name : str
        The name of the model.

    Raises
    ------
    ConfigurationError
        If it cannot, or if the model works on the codes of a model that encodes another data set.
    """
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

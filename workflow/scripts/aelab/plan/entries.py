"""What the entry of a model says of it, and whether its keys fit each other and the models that it starts from."""

from aelab.errors import ConfigurationError
from aelab.plan.schemas import kind_schema


def upstream(entry):
    """Pairs (key, model) of the models that an entry is trained after."""
    pairs = [(key, entry[key]) for key in ("codes_of", "starts_from") if entry.get(key)]
    return pairs + [(f"layers.{n}", layer) for n, layer in enumerate(entry.get("layers", []))]


def learns_labels(entry):
    """Whether models of this entry's kind are trained on labels: classifiers, which reconstruct nothing."""
    return kind_schema(entry["kind"]).get("learns") == "labels"


def dataset_of(config, name):
    """The data set whose images a model is trained on."""
    return config["datasets"][config["splits"][config["models"][name]["split"]]["dataset"]]


def judges(config):
    """The judge of each data set that has one, by the data set's name."""
    named = config["judge"]
    return named if isinstance(named, dict) else {dataset_of(config, named).name: named}


def spelled_out(config, entry):
    """An entry whose widths say how many pixels an image has where the configuration says `pixels`."""
    pixels = config["datasets"][config["splits"][entry["split"]]["dataset"]].pixels
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


def code_size(config, name):
    """Numbers in a model's code, by its entry."""
    entry = config["models"][name]
    if "code_size" in entry:
        return entry["code_size"]
    if learns_labels(entry):
        return len(dataset_of(config, name).classes)
    if "layers" in entry:
        return code_size(config, entry["layers"][-1])
    return entry["encoder"]["widths"][-1]


def widths(config, name):
    """Widths of a dense model's or a stack's encoder and decoder, two lists."""
    entry = config["models"][name]
    if entry["kind"] == "dense":
        return entry["encoder"]["widths"], entry["decoder"]["widths"]
    layers = [widths(config, layer) for layer in entry["layers"]]
    return [w for encoder, _ in layers for w in encoder], [w for _, decoder in layers[::-1] for w in decoder]


def check_model(config, name):
    """Shapes fit and what is asked for exists."""
    entry, where = config["models"][name], f"models.{name}"
    split, dataset = config["splits"][entry["split"]], dataset_of(config, name)
    check_fits(config, name)
    if entry.get("watch") == "validation" and not split["validation"]:
        raise ConfigurationError(
            f"{where}.watch", "'validation'", f"the split {entry['split']} has no validation images: test or none"
        )
    for part in ("encoder", "decoder"):
        sides = entry.get(part)
        if isinstance(sides, dict) and "activations" in sides and len(sides["activations"]) != len(sides["widths"]):
            raise ConfigurationError(
                f"{where}.{part}.activations",
                f"{len(sides['activations'])} activations",
                f"one for each of the {len(sides['widths'])} widths",
            )
    if entry["kind"] == "conv_classifier":
        check_start_of_classifier(config, name)
    if entry["kind"] == "dense" and not entry.get("codes_of") and entry["decoder"]["widths"][-1] != dataset.pixels:
        raise ConfigurationError(
            f"{where}.decoder.widths", entry["decoder"]["widths"], f"the last one must be {dataset.pixels}, an image"
        )
    if entry["kind"] == "dense" and entry.get("codes_of"):
        width = code_size(config, entry["codes_of"])
        if entry["decoder"]["widths"][-1] != width:
            raise ConfigurationError(
                f"{where}.decoder.widths",
                entry["decoder"]["widths"],
                f"the last one must be {width}, the code of {entry['codes_of']}",
            )
    if entry.get("codes_of") and entry.get("watch") == "test":
        raise ConfigurationError(f"{where}.watch", "'test'", "a model that works on codes watches validation or none")
    if entry["kind"] == "pca" and entry["code_size"] > split["train"]:
        raise ConfigurationError(
            f"{where}.code_size",
            entry["code_size"],
            f"allowed: at most {split['train']}, the training images of {entry['split']}",
        )
    if entry["kind"] == "conv" and entry["loss"] == "cross_entropy" and entry["output"] != "sigmoid":
        raise ConfigurationError(f"{where}.output", repr(entry["output"]), "sigmoid, for the loss cross_entropy")
    if entry.get("tied"):
        first = code_size(config, entry["codes_of"]) if entry.get("codes_of") else dataset.pixels
        mirrored = [*entry["encoder"]["widths"][-2::-1], first]
        if entry["decoder"]["widths"] != mirrored:
            raise ConfigurationError(
                f"{where}.decoder.widths", entry["decoder"]["widths"], f"{mirrored}, the encoder's mirrored, with tied"
            )
    if entry["kind"] == "stack":
        check_stack(config, name)
    if entry["kind"] == "dense" and entry.get("starts_from"):
        check_start(config, name)


def check_fits(config, name):
    """The kind of a model can work on images of its data set's size, and a code on one data set's images."""
    entry, where, dataset = config["models"][name], f"models.{name}", dataset_of(config, name)
    reason = unfit(entry, dataset.shape)
    if reason:
        rows, columns = dataset.shape
        raise ConfigurationError(
            f"{where}.split", f"{entry['split']}, whose images have {rows} x {columns} pixels", reason
        )
    if entry.get("codes_of") and dataset_of(config, entry["codes_of"]).name != dataset.name:
        raise ConfigurationError(
            f"{where}.codes_of", f"{entry['codes_of']}, which encodes other images", f"a model on {dataset.name}"
        )


def unfit(entry, shape):
    """Why a model cannot work on images of some rows and columns, in words; None where it can.

    To be asked of the kind's own declaration.
    """
    pooled = min(shape) >> len(entry["filters"]) if entry["kind"] == "classifier" else 1
    if not pooled:
        return f"{len(entry['filters'])} poolings by 2 leave nothing of them: name fewer filters"
    if "code_size" in entry and entry["kind"] == "pca" and entry["code_size"] > shape[0] * shape[1]:
        return f"allowed: a code_size of at most {shape[0] * shape[1]}"
    return None


def check_start_of_classifier(config, name):
    """A classifier made of an encoder starts from a model with the same blocks, and freezes only what it was given."""
    entry, where = config["models"][name], f"models.{name}"
    if not entry["starts_from"]:
        if entry["frozen"]:
            raise ConfigurationError(f"{where}.frozen", "true", "false, or name the trained encoder in starts_from")
        return
    start = config["models"][entry["starts_from"]]
    same = start["kind"] == "conv_plane" and all(start[key] == entry[key] for key in ("filters", "activation"))
    if not same:
        raise ConfigurationError(
            f"{where}.starts_from",
            repr(entry["starts_from"]),
            "a model of kind conv_plane with the same filters and activation",
        )


def check_stack(config, name):
    """A stack's layers are a chain of dense models, each on the codes of the one before, on the same images."""
    entry = config["models"][name]
    for n, layer in enumerate(entry["layers"]):
        where, other = f"models.{name}.layers.{n}", config["models"][layer]
        if other["kind"] != "dense":
            raise ConfigurationError(where, f"{layer} of kind {other['kind']}", "allowed: models of kind dense")
        before = entry["layers"][n - 1] if n else None
        if other["codes_of"] != before:
            expected = f"a model with codes_of {before}" if n else "a model that works on images, without codes_of"
            raise ConfigurationError(where, f"{layer} with codes_of {other['codes_of']}", expected)
        if other["split"] != entry["split"]:
            raise ConfigurationError(
                where, f"{layer} with the split {other['split']}", f"the split of the stack, {entry['split']}"
            )


def check_start(config, name):
    """A dense model starts from a dense model or a stack of the same widths."""
    entry = config["models"][name]
    other = config["models"][entry["starts_from"]]
    where = f"models.{name}.starts_from"
    if other["kind"] not in ("dense", "stack"):
        raise ConfigurationError(
            where, f"{entry['starts_from']} of kind {other['kind']}", "allowed: a model of kind dense or stack"
        )
    own, found = widths(config, name), widths(config, entry["starts_from"])
    if own != found:
        raise ConfigurationError(
            where, f"{entry['starts_from']} of widths {shown(found)}", f"a model of this one's widths, {shown(own)}"
        )


def shown(pair):
    """Widths of an encoder and a decoder as `50-2 and pixels`."""
    return " and ".join("-".join(map(str, part)) for part in pair)

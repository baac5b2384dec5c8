"""What the entry of a model says of it, and whether its keys fit each other and the models that it starts from."""

from aelab.data.genuine import IMAGE_SIZE
from aelab.errors import ConfigurationError
from aelab.plan.schemas import kind_schema


def upstream(entry):
    """Pairs (key, model) of the models that an entry is trained after."""
    pairs = [(key, entry[key]) for key in ("codes_of", "starts_from") if entry.get(key)]
    return pairs + [(f"layers.{n}", layer) for n, layer in enumerate(entry.get("layers", []))]


def learns_labels(entry):
    """Whether models of this entry's kind are trained on labels: classifiers, which reconstruct nothing."""
    return kind_schema(entry["kind"]).get("learns") == "labels"


def code_size(config, name):
    """Numbers in a model's code, by its entry."""
    entry = config["models"][name]
    if "code_size" in entry:
        return entry["code_size"]
    if learns_labels(entry):
        return 10
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
    split = config["splits"][entry["split"]]
    if entry.get("watch") == "validation" and not split["validation"]:
        raise ConfigurationError(
            f"{where}.watch", "'validation'", f"the split {entry['split']} has no validation images: test or none"
        )
    if entry.get("micro_batch") and entry["micro_batch"] > entry["batch_size"]:
        raise ConfigurationError(
            f"{where}.micro_batch", entry["micro_batch"], f"allowed: at most {entry['batch_size']}, the batch_size"
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
    if entry["kind"] == "dense" and not entry.get("codes_of") and entry["decoder"]["widths"][-1] != IMAGE_SIZE:
        raise ConfigurationError(
            f"{where}.decoder.widths", entry["decoder"]["widths"], f"the last one must be {IMAGE_SIZE}, an image"
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
        first = code_size(config, entry["codes_of"]) if entry.get("codes_of") else IMAGE_SIZE
        mirrored = [*entry["encoder"]["widths"][-2::-1], first]
        if entry["decoder"]["widths"] != mirrored:
            raise ConfigurationError(
                f"{where}.decoder.widths", entry["decoder"]["widths"], f"{mirrored}, the encoder's mirrored, with tied"
            )
    if entry["kind"] == "stack":
        check_stack(config, name)
    if entry["kind"] == "dense" and entry.get("starts_from"):
        check_start(config, name)


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
    """Widths of an encoder and a decoder as `50-2 and 784`."""
    return " and ".join("-".join(map(str, part)) for part in pair)

"""The configuration: read strictly, checked completely, and made explicit.

Runs inside the `snakemake` process before any job is planned, with nothing but the standard library
and two packages that Snakemake itself needs (PyYAML, jsonschema).
"""

import copy
import difflib
import itertools
import math
import re
from functools import cache
from pathlib import Path

from aelab.errors import LabError

WORKFLOW = Path(__file__).resolve().parents[3]
SCHEMAS = WORKFLOW / "schemas"
KINDS = Path(__file__).resolve().parents[1] / "kinds"
STUDIES = WORKFLOW / "studies"
IMAGE_SIZE = 784
TRAINING_IMAGES, TEST_IMAGES = 60_000, 10_000
MOST_OF_A_SWEEP = 20_000
NUMBER_AS_TEXT = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")


class ConfigurationError(LabError):
    """The configuration cannot be used; the message names the key, what it holds and what it may hold."""

    def __init__(self, key, found, allowed):
        self.key = key
        super().__init__(f"config: {key}: found {found}; {allowed}")


def read_yaml(path):
    """The mapping in a YAML file. Duplicate keys, an empty file and anything not a mapping are refused."""
    content = parse_yaml(path)
    if not isinstance(content, dict):
        found = "an empty file" if content is None else f"a {type(content).__name__}"
        raise ConfigurationError(str(path), found, "allowed: a mapping with the keys of config/README.md")
    return content


def check_readable(path):
    """Raise `ConfigurationError` unless a configuration file, where there is one, holds a mapping in strict YAML.

    Snakemake reads the file next, with a loader that runs Python where a key says so: that key is refused.
    """
    if Path(path).exists() and "__use_yte__" in read_yaml(path):
        raise ConfigurationError(f"{path}: __use_yte__", "an unknown key", "a configuration holds no code: remove it")


def parse_yaml(path):
    """The content of a YAML file, whatever it is; duplicate keys are refused."""
    import yaml

    base = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times faster, where PyYAML was built with it

    def line(node):
        return f"{path}:{node.start_mark.line + 1}"

    class StrictLoader(base):
        pass

    def mapping(loader, node, deep=False):
        seen = {}
        for key_node, _ in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                continue
            key = loader.construct_object(key_node, deep=True)
            if not isinstance(key, (str, int, float, bool, type(None))):
                raise ConfigurationError(f"{line(key_node)}: {key}", f"the key {key!r}", "a key is a word")
            if key in seen:
                raise ConfigurationError(
                    f"{line(key_node)}: {key}", f"the key twice (first in line {seen[key]})", "keep one of the two"
                )
            seen[key] = key_node.start_mark.line + 1
        return base.construct_mapping(loader, node, deep)

    def construct(loader, node):
        if not isinstance(node, yaml.MappingNode):
            raise ConfigurationError(line(node), "a mapping that is none", "mend that line")
        yield (content := {})
        content.update(mapping(loader, node))

    StrictLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, construct)
    try:
        return yaml.load(Path(path).read_text(encoding="utf-8"), StrictLoader)
    except FileNotFoundError:
        raise ConfigurationError(str(path), "no such file", "name a file that exists") from None
    except UnicodeDecodeError:
        raise ConfigurationError(str(path), "bytes that are not UTF-8 text", "save it as UTF-8") from None
    except OSError as error:
        raise ConfigurationError(str(path), f"a file that cannot be read ({error.strerror})", "allow reading") from None
    except LabError:
        raise
    except Exception as error:  # YAMLError, and what its constructors raise for dates and numbers that are none
        reason = " ".join(str(error).split())
        raise ConfigurationError(str(path), f"text that is not YAML ({reason})", "mend that line") from None


def load(config, files=()):
    """Check a configuration and return it complete: defaults filled in, sweeps expanded.

    `config` is what Snakemake has merged; `files` are the YAML or JSON files that it came from, read
    again for what merging hides. Raises `ConfigurationError` for the first thing that is wrong.
    """
    for path in files:
        check_readable(path)
    try:
        return complete(plain(config))
    except RecursionError:
        raise ConfigurationError("the top level", "values nested without end", "write them out") from None


def complete(config):
    """The configuration with defaults and sweeps, every check passed."""
    check_names(config, ("splits", "corruptions", "models", "sweeps", "studies"))
    config = conform(config, rules_of_config(), "")
    swept, values = expand(config["sweeps"], config["models"]), {}
    config["models"] = {
        name: conform_model(entry, f"models.{name}") for name, entry in {**config["models"], **swept}.items()
    }
    for name in swept:  # thousands, maybe, that have almost all values in common: each is kept once
        entry = config["models"][name]
        config["models"][name] = {key: values.setdefault((key, repr(item)), item) for key, item in entry.items()}
    config["studies"] = {study: conform_study(settings, study) for study, settings in config["studies"].items()}
    check_names(config, ("models",))
    check_splits_and_corruptions(config)
    check_references(config)
    check_cycles(config)
    for name in config["models"]:
        check_model(config, name)
    check_studies(config)
    return chosen(config)


def chosen(config):
    """The configuration with the models of its `recipes` alone, and what those start from.

    Models that are left out vanish from the studies too, and with them the pairs and settings that name them.
    """
    models, recipes = config["models"], set(config["recipes"])
    if recipes == {"published", "corrected", "baseline", "support"}:
        return config
    kept, queue = set(), [config["judge"]]
    queue += [name for name, entry in models.items() if entry["recipe"] in recipes - {"support"}]
    while queue:
        name = queue.pop()
        if name not in kept:
            kept.add(name)
            queue += [before for _, before in upstream(models[name])]
    gone = models.keys() - kept

    def names(item):
        items = item.values() if isinstance(item, dict) else item if isinstance(item, list) else [item]
        return any(isinstance(each, str) and each in gone for each in items)

    def without(value):
        if isinstance(value, dict):
            return {key: without(item) for key, item in value.items() if key not in gone}
        return [item for item in value if not names(item)] if isinstance(value, list) else value

    return {
        **config,
        "models": {name: entry for name, entry in models.items() if name in kept},
        "studies": without(config["studies"]),
    }


def plain(value, where=""):
    """Nested mappings as plain dicts, so that nothing of the caller's is changed; 10.0 as 10.

    Refuses numbers that are none (NaN, infinity) or that no machine number holds.
    """
    if isinstance(value, dict):
        return {key: plain(item, f"{where}.{key}" if where else str(key)) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item, f"{where}.{n}") for n, item in enumerate(value)]
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ConfigurationError(where, value, "allowed: a finite number")
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    if isinstance(value, int) and abs(value) >= 2**63:
        raise ConfigurationError(where, "a number of more than 63 bits", "allowed: a smaller one")
    return value


@cache
def schema(path):
    """A schema file, read once; not to be changed."""
    return read_yaml(path)


def kind_schema(kind):
    """The keys of a kind of model."""
    return schema(KINDS / kind / "schema.yaml")


@cache
def rules_of_config():
    """The keys of the whole."""
    return Rules(schema(SCHEMAS / "config.schema.yaml"))


@cache
def kinds():
    """The kinds of model that have a schema."""
    return tuple(sorted(path.parent.name for path in KINDS.glob("*/schema.yaml")))


def conform_model(entry, where):
    """One entry of `models`, checked against the schema of its kind and completed."""
    if not isinstance(entry, dict):
        raise ConfigurationError(where, repr(entry), "a mapping with at least `kind`")
    if "kind" not in entry:
        raise ConfigurationError(f"{where}.kind", "nothing", f"one of {', '.join(kinds())}")
    if entry["kind"] not in kinds():
        raise ConfigurationError(
            f"{where}.kind", repr(entry["kind"]), f"allowed: {', '.join(kinds())}{nearest(entry['kind'], kinds())}"
        )
    return conform(entry, rules_of_model(entry["kind"]), where)


def conform_study(settings, study):
    """One entry of `studies`, checked against the schema of that study and completed."""
    known = sorted(path.parent.name for path in STUDIES.glob("*/schema.yaml"))
    if study not in known:
        raise ConfigurationError(
            f"studies.{study}", "an unknown study", f"allowed: {', '.join(known)}{nearest(study, known)}"
        )
    return conform(settings, rules_of_study(study), f"studies.{study}")


@cache
def rules_of_study(study):
    """The keys of a study, with the definitions that all studies share."""
    own, shared = schema(STUDIES / study / "schema.yaml"), schema(SCHEMAS / "study.schema.yaml")
    return Rules({**own, "$defs": {**shared["$defs"], **own.get("$defs", {})}})


@cache
def rules_of_model(kind):
    """The keys that every model has and those of its kind, as one schema."""
    common, own = schema(SCHEMAS / "model.schema.yaml"), kind_schema(kind)
    left_out = set(own.get("without", ()))
    kept = {key: value for key, value in common["properties"].items() if key not in left_out}
    return Rules(
        {
            **common,
            "properties": {**kept, **own["properties"]},
            "required": [key for key in common["required"] if key not in left_out] + own.get("required", []),
            "$defs": {**common["$defs"], **own.get("$defs", {})},
        }
    )


def learns_labels(entry):
    """Whether models of this entry's kind are trained on labels: classifiers, which reconstruct nothing."""
    return kind_schema(entry["kind"]).get("learns") == "labels"


class Rules:
    """A schema that values are checked against, and what conformed before."""

    def __init__(self, schema):
        import jsonschema

        self.schema = schema
        self.validator = jsonschema.Draft202012Validator(schema)
        self.seen = set()

    def accept(self, value):
        """Whether a mapping has the keys of one that conformed, and each key a value that conformed or does by itself.

        The models of a sweep differ in a key or two: there is no need to check thousands of times what they share.
        """
        if not isinstance(value, dict):
            return False
        keys, new = frozenset(value), [key for key, item in value.items() if (key, repr(item)) not in self.seen]
        if keys in self.seen:
            rules = self.schema["properties"]
            fits = all(key in rules and not any(self.validator.descend(value[key], rules[key])) for key in new)
        else:
            fits = self.validator.is_valid(value)
        if fits:
            self.seen.update([(key, repr(value[key])) for key in new], [keys])
        return fits


def conform(value, rules, where):
    """`value` with the schema's defaults filled in, in place; raises `ConfigurationError`."""
    fill_defaults(value, rules.schema, rules.schema)
    if not rules.accept(value):
        errors = rules.validator.iter_errors(value)
        first = min(errors, key=lambda e: (len(e.absolute_path), str(list(e.absolute_path))))
        raise explained(first, where)
    return value


def resolved(subschema, root):
    """The schema behind a `$ref` of the form `#/$defs/name`, with the keys beside it."""
    if "$ref" in subschema:
        target = root["$defs"][subschema["$ref"].rsplit("/", 1)[1]]
        return {**target, **{key: value for key, value in subschema.items() if key != "$ref"}}
    return subschema


def fill_defaults(value, subschema, root):
    """Set each missing key that has a default, at every depth."""
    subschema = resolved(subschema, root)
    if isinstance(value, dict):
        for key, inner in subschema.get("properties", {}).items():
            inner = resolved(inner, root)
            if key not in value and "default" in inner:
                value[key] = copy.deepcopy(inner["default"])
            if key in value:
                fill_defaults(value[key], inner, root)
        others = subschema.get("additionalProperties")
        if isinstance(others, dict):
            for key in value.keys() - subschema.get("properties", {}).keys():
                fill_defaults(value[key], others, root)
    elif isinstance(value, list) and isinstance(subschema.get("items"), dict):
        for item in value:
            fill_defaults(item, subschema["items"], root)


LIMITS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "more than {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "less than {}",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minProperties": "at least {} entries",
    "uniqueItems": "each item once",
    "const": "{}",
}


def explained(error, where):
    """A jsonschema error as one sentence: key, what was found, what is allowed."""
    while error.context:
        error = min(error.context, key=lambda e: (-len(e.absolute_path), e.validator == "type"))
    path = [part for part in where.split(".") if part] + [str(part) for part in error.absolute_path]
    found, rule = repr(error.instance), error.validator_value
    if error.validator == "additionalProperties":
        known = sorted(error.schema.get("properties", {}))
        unknown = sorted((key for key in error.instance if key not in known), key=str)[0]
        return ConfigurationError(
            ".".join([*path, str(unknown)]), "an unknown key", f"allowed: {', '.join(known)}{nearest(unknown, known)}"
        )
    if error.validator == "required":
        missing = [key for key in rule if key not in error.instance][0]
        return ConfigurationError(".".join([*path, missing]), "nothing", "this key is required")
    if error.validator == "propertyNames" or "propertyNames" in error.absolute_schema_path:
        return ConfigurationError(".".join([*path, str(error.instance)]), f"the name {found}", NAME_RULE)
    if error.validator == "type":
        allowed = f"allowed: {rule if isinstance(rule, str) else ' or '.join(rule)}"
    elif error.validator == "enum":
        allowed = f"allowed: {', '.join(map(str, rule))}{nearest(error.instance, rule)}"
    elif error.validator == "pattern":
        allowed = f"allowed: {error.schema.get('description', f'text that matches {rule}')}"
    elif error.validator in LIMITS:
        allowed = f"allowed: {LIMITS[error.validator].format(rule)}"
    else:
        allowed = error.message
    if error.validator == "type" and isinstance(error.instance, str) and NUMBER_AS_TEXT.fullmatch(error.instance):
        allowed += (
            f" (YAML reads {error.instance} as text: write {float(error.instance)!r} or {float(error.instance):.1e})"
        )
    if len(found) > 80:
        found = f"{found[:60]}... ({type(error.instance).__name__})"
    return ConfigurationError(".".join(path) or "the top level", found, allowed)


def nearest(word, words):
    """A hint at the word that was probably meant."""
    close = difflib.get_close_matches(str(word), [str(item) for item in words], n=1)
    return f" (did you mean {close[0]}?)" if close else ""


NAME_RULE = "a name is a lower-case letter followed by at most 62 lower-case letters, digits and single underscores"


def expand(sweeps, models):
    """Sweeps as entries of `models`: the base entry with each combination of the grid's values set.

    A model of the sweep `widths` over `batch_size` is named `widths_batch_size_256`.
    """
    entries = {}
    for sweep, settings in sweeps.items():
        where = f"sweeps.{sweep}"
        if settings["base"] not in models:
            raise ConfigurationError(
                f"{where}.base",
                repr(settings["base"]),
                f"allowed: an entry of models{nearest(settings['base'], models)}",
            )
        axes = sorted(settings["grid"].items(), key=lambda axis: str(axis[0]))
        size = math.prod(len(choices) for _, choices in axes)
        if size > MOST_OF_A_SWEEP:
            raise ConfigurationError(f"{where}.grid", f"{size} models", f"allowed: at most {MOST_OF_A_SWEEP}")
        for values in itertools.product(*(choices for _, choices in axes)):
            entry, label = models[settings["base"]], [sweep]
            for (path, _), value in zip(axes, values, strict=True):
                entry = assigned(entry, str(path).split("."), value, f"{where}.grid.{path}")
                label.append(f"{path.split('.')[-1]}_{value}")
            if "seeds" in settings:
                entry = {**entry, "seeds": settings["seeds"]}
            name = re.sub(r"[^a-z0-9]+", "_", "_".join(label).lower().replace("-", "m")).strip("_")
            if name in models or name in entries:
                raise ConfigurationError(where, f"two models named {name}", "give the sweep another name")
            entries[name] = entry
    return entries


def assigned(content, path, value, where):
    """A copy with one key set, such as `optimizer.learning_rate` or `encoder.widths.1`; all else is shared.

    `path` is the list of its parts. What comes of it is checked later.
    """
    first, *rest = path
    step = int(first) if isinstance(content, list) and first.isdecimal() else first
    inside = isinstance(content, dict) or isinstance(content, list) and isinstance(step, int) and step < len(content)
    if not inside:
        raise ConfigurationError(
            where, repr(where.split(".grid.", 1)[1]), "allowed: a key of the base model's entry, parts joined by dots"
        )
    copied = content.copy()
    if rest:
        value = assigned(copied.get(step, {}) if isinstance(copied, dict) else copied[step], rest, value, where)
    copied[step] = value
    return copied


def check_names(config, groups):
    """Names become folders and wildcards: they must not need quoting, nor leave `results/`."""
    for group in groups:
        names = config.get(group)
        for name in names if isinstance(names, dict) else ():
            if not isinstance(name, str) or not re.fullmatch(r"[a-z](_?[a-z0-9])*", name) or len(name) > 63:
                raise ConfigurationError(f"{group}.{name}", f"the name {name!r}", f"allowed: {NAME_RULE}")


def check_splits_and_corruptions(config):
    """A split has no more images than there are; a share of the pixels is at most 1."""
    for name, split in config["splits"].items():
        if split["train"] + split["validation"] > TRAINING_IMAGES:
            raise ConfigurationError(
                f"splits.{name}.validation",
                f"{split['validation']} beside train: {split['train']}",
                f"allowed: together at most {TRAINING_IMAGES}",
            )
    for name, corruption in config["corruptions"].items():
        if corruption["kind"] != "gaussian" and corruption["amount"] > 1:
            raise ConfigurationError(
                f"corruptions.{name}.amount", corruption["amount"], "allowed: at most 1, a share of the pixels"
            )


def reference(config, where, group, name):
    """Raise `ConfigurationError` unless `name` is an entry of `group`."""
    if name not in config[group]:
        known = sorted(config[group])
        listed = ", ".join(known) if len(known) <= 30 else f"{len(known)} entries of {group}"
        raise ConfigurationError(where, repr(name), f"allowed: {listed}{nearest(name, known)}")


def check_references(config):
    """Every name of a split, a corruption or a model is an entry."""
    for name, entry in config["models"].items():
        where = f"models.{name}"
        reference(config, f"{where}.split", "splits", entry["split"])
        for key, corruption in (
            ("corruption", entry.get("corruption")),
            ("evaluation.corruption", entry["evaluation"]["corruption"]),
        ):
            if corruption is not None:
                reference(config, f"{where}.{key}", "corruptions", corruption)
        for key, model in upstream(entry):
            reference(config, f"{where}.{key}", "models", model)
            missing = sorted(set(entry["seeds"]) - set(config["models"][model]["seeds"]))
            if missing:
                raise ConfigurationError(
                    f"{where}.seeds", entry["seeds"], f"allowed: seeds of {model}, which has none of {missing}"
                )
    reference(config, "judge", "models", config["judge"])
    if config["models"][config["judge"]]["kind"] != "classifier":
        raise ConfigurationError("judge", repr(config["judge"]), "allowed: a model of kind classifier")


def upstream(entry):
    """Pairs (key, model) of the models that an entry is trained after."""
    pairs = [(key, entry[key]) for key in ("codes_of", "starts_from") if entry.get(key)]
    return pairs + [(f"layers.{n}", layer) for n, layer in enumerate(entry.get("layers", []))]


def check_cycles(config):
    """No model may start, directly or not, from itself."""
    done = set()

    def visit(name, path):
        if name in path:
            chain = " -> ".join([*path[path.index(name) :], name])
            raise ConfigurationError(f"models.{name}", f"a cycle ({chain})", "a model cannot start from itself")
        if name not in done:
            for _, model in upstream(config["models"][name]):
                visit(model, [*path, name])
            done.add(name)

    for name in config["models"]:
        visit(name, [])


def check_model(config, name):
    """Shapes fit and what is asked for exists."""
    entry, where = config["models"][name], f"models.{name}"
    split = config["splits"][entry["split"]]
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


def widths(config, name):
    """Widths of a dense model's or a stack's encoder and decoder, two lists."""
    entry = config["models"][name]
    if entry["kind"] == "dense":
        return entry["encoder"]["widths"], entry["decoder"]["widths"]
    layers = [widths(config, layer) for layer in entry["layers"]]
    return [w for encoder, _ in layers for w in encoder], [w for _, decoder in layers[::-1] for w in decoder]


def shown(pair):
    """Widths of an encoder and a decoder as `50-2 and 784`."""
    return " and ".join("-".join(map(str, part)) for part in pair)


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


def check_studies(config):
    """Studies name models that exist, and codes drawn in the plane are in the plane."""
    for study, settings in config["studies"].items():
        for group in ("published", "corrected", "baselines", "layers", "classifiers"):
            for n, model in enumerate(settings.get(group, [])):
                reference(config, f"studies.{study}.{group}.{n}", "models", model)
                if learns_labels(config["models"][model]) != (group == "classifiers"):
                    raise ConfigurationError(
                        f"studies.{study}.{group}.{n}",
                        repr(model),
                        "allowed: a classifier" if group == "classifiers" else "allowed: a model that reconstructs",
                    )
        members = {name for group in ("published", "corrected", "baselines") for name in settings.get(group, [])}
        compared = [(f"twins.{n}", name) for n, pair in enumerate(settings.get("twins", [])) for name in pair]
        compared += [(f"deeper.{key}", name) for key, name in settings.get("deeper", {}).items()]
        for where, name in compared:
            if name not in members:
                raise ConfigurationError(
                    f"studies.{study}.{where}", repr(name), f"allowed: models of this study{nearest(name, members)}"
                )
        if settings.get("corruption") is not None:
            reference(config, f"studies.{study}.corruption", "corruptions", settings["corruption"])
        corruption = settings.get("examples", {}).get("corruption")
        if corruption is not None:
            reference(config, f"studies.{study}.examples.corruption", "corruptions", corruption)
        check_points(config, study)
        members = [name for group in ("published", "corrected", "baselines") for name in settings.get(group, [])]
        if study == "bottleneck" and all(code_size(config, name) != 2 for name in members):
            raise ConfigurationError(
                f"studies.{study}.published",
                f"no model with a code of 2 among {', '.join(members)}",
                "name one, for the figure of codes in the plane",
            )
        for key in settings.get("plane_of", []):
            reference(config, f"studies.{study}.plane_of", "models", key)
            if code_size(config, key) != 2:
                raise ConfigurationError(
                    f"studies.{study}.plane_of", repr(key), f"a model with a code of 2, not {code_size(config, key)}"
                )
    if "residuals" in config["studies"]:
        check_residuals(config["studies"]["residuals"])
    if "tangents" in config["studies"]:
        check_tangents(config, config["studies"]["tangents"])


def check_points(config, study):
    """Published points belong to models of the study and have as many coordinates as their codes."""
    settings = config["studies"][study]
    for name, points in settings.get("published_points", {}).items():
        where = f"studies.{study}.published_points.{name}"
        members = [model for group in ("published", "corrected", "baselines") for model in settings.get(group, [])]
        if name not in members:
            allowed = f"allowed: models of this study{nearest(name, members)}"
            raise ConfigurationError(where, "no model of this study", allowed)
        for n, point in enumerate(points):
            if len(point["code"]) != code_size(config, name):
                raise ConfigurationError(
                    f"{where}.{n}.code",
                    f"{len(point['code'])} numbers",
                    f"allowed: {code_size(config, name)}, the code of {name}",
                )


def check_residuals(settings):
    """Residuals are taken of models of the study."""
    members = [name for group in ("published", "corrected", "baselines") for name in settings[group]]
    for n, shown in enumerate(settings["shown"]):
        if shown["model"] not in members:
            raise ConfigurationError(
                f"studies.residuals.shown.{n}.model",
                repr(shown["model"]),
                f"allowed: {', '.join(members)}{nearest(shown['model'], members)}",
            )


def check_tangents(config, settings):
    """The tangent spaces exist: autoencoders of one code size, and dimensions that fit."""
    where, models = "studies.tangents", settings["published"] + settings["corrected"]
    for model in models:
        if config["models"][model]["kind"] == "classifier":
            raise ConfigurationError(f"{where}.published", repr(model), "allowed: models with a decoder")
    sizes = {model: code_size(config, model) for model in models}
    if len(set(sizes.values())) > 1:
        raise ConfigurationError(f"{where}.corrected", f"codes of {sizes}", "models with codes of one size")
    for key, bound in (
        ("tangent_dimension", min(settings["neighbours"] - 1, *sizes.values())),
        ("vectors_shown", min(sizes.values())),
        ("shown_image", settings["images"] - 1),
    ):
        if settings[key] > bound:
            raise ConfigurationError(f"{where}.{key}", settings[key], f"allowed: at most {bound}")

"""The schemas of the configuration: values checked against them, and completed with their defaults.

Types and ranges are checked by jsonschema, which Snakemake requires. pydantic, which comes along with Snakemake's
database layer, was measured in its place on the entries of 10,000 swept models: 0.41 s of CPU for checking, completing
and sharing equal values against 0.38 s, and 60 MB against 6 MB, as each entry becomes an object before it is a mapping
again. It would save the filling in of defaults and `Rules.accept`, about 40 lines, and 0.06 s of importing, but not the
sentences of `explanations`. Schemas stay data in the folders of kinds and studies: a kind can leave out keys that
models have in common, editors understand them, and checking a configuration runs no code of theirs.
"""

import copy
from functools import cache
from pathlib import Path

from aelab.errors import ConfigurationError
from aelab.kinds.declarations import known
from aelab.plan.explanations import explained, nearest
from aelab.plan.strict_yaml import read_yaml

WORKFLOW = Path(__file__).resolve().parents[3]
SCHEMAS = WORKFLOW / "schemas"
KINDS = Path(__file__).resolve().parents[1] / "kinds"
STUDIES = WORKFLOW / "studies"


@cache
def schema(path):
    """A schema file, read once; not to be changed."""
    return read_yaml(path)


@cache
def rules_of_config():
    """The keys of the whole."""
    return Rules(schema(SCHEMAS / "config.schema.yaml"))


@cache
def rules_of_model(kind):
    """The keys that every model has and those of its kind, as one schema."""
    common, own = schema(SCHEMAS / "model.schema.yaml"), schema(KINDS / kind / "schema.yaml")
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


@cache
def rules_of_study(study):
    """The keys of a study, with the definitions that all studies share."""
    own, shared = schema(STUDIES / study / "schema.yaml"), schema(SCHEMAS / "study.schema.yaml")
    return Rules({**own, "$defs": {**shared["$defs"], **own.get("$defs", {})}})


def conform_model(entry, where):
    """One entry of `models`, checked against the schema of its kind and completed."""
    if not isinstance(entry, dict):
        raise ConfigurationError(where, repr(entry), "a mapping with at least `kind`")
    if "kind" not in entry:
        raise ConfigurationError(f"{where}.kind", "nothing", f"one of {', '.join(known())}, or another model in `like`")
    if entry["kind"] not in known():
        raise ConfigurationError(
            f"{where}.kind", repr(entry["kind"]), f"allowed: {', '.join(known())}{nearest(entry['kind'], known())}"
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

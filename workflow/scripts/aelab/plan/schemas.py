"""Check values of the configuration against schemas, and fill in defaults.

Types and ranges are checked by jsonschema, which Snakemake requires. As an alternative, pydantic, which is installed
with Snakemake's database layer, was measured on the entries of 10,000 swept models. Checking, completing and sharing
equal values took 0.41 s of CPU time (jsonschema: 0.38 s) and 60 MB (6 MB), because each entry becomes an object before
it becomes a mapping again. pydantic would save the code that fills in defaults, `Rules.accept` (together about 40
lines) and 0.06 s of importing, but not the sentences in `explanations`. Schemas are data in the folders of kinds and
studies: a kind can leave out keys that other models have, editors understand them, and checking a configuration does
not execute code from those folders.
"""

from __future__ import annotations

import copy
from functools import cache
from pathlib import Path
from typing import Any

from aelab.errors import ConfigurationError
from aelab.kinds.declarations import known
from aelab.plan.explanations import explained, nearest
from aelab.plan.strict_yaml import read_yaml

WORKFLOW = Path(__file__).resolve().parents[3]
SCHEMAS = WORKFLOW / "schemas"
KINDS = Path(__file__).resolve().parents[1] / "kinds"
STUDIES = WORKFLOW / "studies"


@cache
def schema(path: Path) -> dict[str, Any]:
    """Return the content of a schema file, which is read once. Do not change it."""
    return read_yaml(path)


@cache
def rules_of_config() -> Rules:
    """Return the rules for the configuration as a whole."""
    return Rules(schema(SCHEMAS / "config.schema.yaml"))


@cache
def rules_of_model(kind: str) -> Rules:
    """Return the rules for a model of this kind: the keys that all models have, together with those of the kind."""
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
def rules_of_study(study: str) -> Rules:
    """Return the rules for the settings of a study, with the definitions that all studies share."""
    own, shared = schema(STUDIES / study / "schema.yaml"), schema(SCHEMAS / "study.schema.yaml")
    return Rules({**own, "$defs": {**shared["$defs"], **own.get("$defs", {})}})


def conform_model(entry: object, where: str) -> dict[str, Any]:
    """Check one entry of `models` against the schema of its kind and fill in defaults.

    Parameters
    ----------
    entry : object
        The entry. It is changed in place.
    where : str
        Its key, for error messages: `models.<name>`.

    Returns
    -------
    dict
        The entry.

    Raises
    ------
    ConfigurationError
        If the entry is not a mapping, its kind is missing or unknown, or a value is not allowed.
    """
    if not isinstance(entry, dict):
        raise ConfigurationError(where, repr(entry), "a mapping with at least `kind`")
    if "kind" not in entry:
        raise ConfigurationError(f"{where}.kind", "nothing", f"one of {', '.join(known())}, or another model in `like`")
    if entry["kind"] not in known():
        raise ConfigurationError(
            f"{where}.kind", repr(entry["kind"]), f"allowed: {', '.join(known())}{nearest(entry['kind'], known())}"
        )
    return conform(entry, rules_of_model(entry["kind"]), where)


def conform_study(settings: object, study: str) -> dict[str, Any]:
    """Check one entry of `studies` against the schema of that study and fill in defaults.

    Parameters
    ----------
    settings : object
        The entry. It is changed in place.
    study : str
        The name of the study.

    Returns
    -------
    dict
        The entry.

    Raises
    ------
    ConfigurationError
        If there is no such study, or a value is not allowed.
    """
    known = sorted(path.parent.name for path in STUDIES.glob("*/schema.yaml"))
    if study not in known:
        raise ConfigurationError(
            f"studies.{study}", "an unknown study", f"allowed: {', '.join(known)}{nearest(study, known)}"
        )
    return conform(settings, rules_of_study(study), f"studies.{study}")


class Rules:
    """A schema, together with a memory of the values that have already conformed to it.

    Parameters
    ----------
    schema : dict
        A JSON Schema, draft 2020-12.
    """

    def __init__(self, schema: dict[str, Any]) -> None:
        import jsonschema

        self.schema = schema
        self.validator = jsonschema.Draft202012Validator(schema)
        self.seen = set()

    def accept(self, value: object) -> bool:
        """Return whether a mapping conforms to the schema.

        If a mapping with the same keys has conformed before, only the values that are new are checked. The models of a
        sweep differ in one or two keys, and what they share need not be checked thousands of times.

        Parameters
        ----------
        value : object
            The value to check.

        Returns
        -------
        bool
            False also for everything that is not a mapping.
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


def conform(value: object, rules: Rules, where: str) -> object:
    """Fill in the schema's defaults and check a value.

    Parameters
    ----------
    value : object
        The value. It is changed in place.
    rules : Rules
        The schema.
    where : str
        The key of the value, for error messages.

    Returns
    -------
    object
        The value.

    Raises
    ------
    ConfigurationError
        If the value does not conform to the schema.
    """
    fill_defaults(value, rules.schema, rules.schema)
    if not rules.accept(value):
        errors = rules.validator.iter_errors(value)
        first = min(errors, key=lambda e: (len(e.absolute_path), str(list(e.absolute_path))))
        raise explained(first, where)
    return value


def resolved(subschema: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    """Replace a `$ref` of the form `#/$defs/name` by what it refers to.

    Parameters
    ----------
    subschema : dict
        A part of the schema. It is not changed.
    root : dict
        The whole schema, which holds `$defs`.

    Returns
    -------
    dict
        The definition, updated with the other keys of `subschema`; `subschema` itself if it has no `$ref`.
    """
    if "$ref" in subschema:
        target = root["$defs"][subschema["$ref"].rsplit("/", 1)[1]]
        return {**target, **{key: value for key, value in subschema.items() if key != "$ref"}}
    return subschema


def fill_defaults(value: object, subschema: dict[str, Any], root: dict[str, Any]) -> None:
    """Set each missing key that has a default, at every depth.

    Parameters
    ----------
    value : object
        The value to complete. It is changed in place.
    subschema : dict
        The part of the schema that describes it.
    root : dict
        The whole schema, which holds `$defs`.
    """
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

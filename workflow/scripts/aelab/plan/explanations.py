"""Explain in one sentence what is wrong with a value: the key, what was found, what is allowed."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from aelab.errors import ConfigurationError

if TYPE_CHECKING:
    from jsonschema import ValidationError

NUMBER_AS_TEXT = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")
NAME_RULE = "a name is a lower-case letter followed by at most 62 lower-case letters, digits and single underscores"
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


def explained(error: ValidationError, where: str) -> ConfigurationError:
    """Turn an error of jsonschema into one sentence: the key, what was found, what is allowed.

    Parameters
    ----------
    error : jsonschema.ValidationError
        The error.
    where : str
        The key of the value that was validated, parts joined by dots; empty for the whole configuration.

    Returns
    -------
    ConfigurationError
        The error to raise.
    """
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
        allowed += hint_at_number(error.instance, [rule] if isinstance(rule, str) else rule)
    if len(found) > 80:
        found = f"{found[:60]}... ({type(error.instance).__name__})"
    return ConfigurationError(".".join(path) or "the top level", found, allowed)


def hint_at_number(text: str, types: Collection[str]) -> str:
    """Say how to write a number that was written as text.

    Parameters
    ----------
    text : str
        The text, which looks like a number.
    types : collection of str
        The types that JSON Schema allows for the value, such as `integer`.

    Returns
    -------
    str
        The hint in brackets, with a leading space; empty if no such number is allowed.
    """
    import yaml

    value = float(text)
    if value.is_integer() and abs(value) < 2**53:
        forms = [str(int(value))] if {"integer", "number"} & set(types) else []
    else:
        forms = [repr(value), f"{value:.1e}"] if "number" in types else []
    forms = [form for form in forms if yaml.safe_load(form) == value]
    if not forms:
        return ""
    quoted = not isinstance(yaml.safe_load(text), str)
    why = "in quotation marks it is text" if quoted else f"YAML reads {text} as text"
    return f" ({why}: write {' or '.join(forms)})"


def nearest(word: object, words: Iterable[object]) -> str:
    """Return a hint at the word that was probably meant.

    Parameters
    ----------
    word : object
        What was found.
    words : iterable
        The words that are allowed.

    Returns
    -------
    str
        The hint in brackets, with a leading space; empty if no word is similar.
    """
    close = difflib.get_close_matches(str(word), [str(item) for item in words], n=1)
    return f" (did you mean {close[0]}?)" if close else ""

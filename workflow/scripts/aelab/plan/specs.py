"""Canonical text of what a job depends on.

Snakemake compares a rule's parameters as a set of values without their names, and a dict including the order of its
keys. One string of canonical JSON per rule has neither weakness.
"""

import json


def normalised(value: object) -> object:
    """Turn integral floats into integers and tuples into lists, at every depth.

    Parameters
    ----------
    value : object
        Nested dicts, lists and tuples of numbers, strings, booleans and None.

    Returns
    -------
    object
        A copy.

    Raises
    ------
    ValueError
        For what JSON cannot express exactly, such as NaN, infinities, sets and paths.
    """
    if isinstance(value, dict):
        return {str(key): normalised(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [normalised(item) for item in value]
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            raise ValueError(f"{value} cannot be part of a spec")
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    if value is None or isinstance(value, (bool, int, str)):
        return value
    raise ValueError(f"{value!r} of type {type(value).__name__} cannot be part of a spec")


def canonical(value: object) -> str:
    """Return a value as one line of JSON with sorted keys and without spaces, `10.0` written as `10`.

    Raises
    ------
    ValueError
        As in `normalised`.
    """
    return json.dumps(normalised(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def parse(text: str) -> object:
    """Return the value whose canonical text is given; the inverse of `canonical`."""
    return json.loads(text)

"""Canonical text of what a job depends on.

Snakemake compares a rule's parameters as a set of values without names, and a dict by the order of
its keys. One string of canonical JSON a rule has neither weakness.
"""

import json


def normalised(value):
    """The value with every integral float as an integer, tuples as lists, NaN refused.

    Raises `ValueError` for what JSON cannot say exactly (NaN, infinities, sets, paths).
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


def canonical(value):
    """One line of JSON: keys sorted, no spaces, `10.0` written as `10`."""
    return json.dumps(normalised(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def parse(text):
    """The inverse of `canonical`."""
    return json.loads(text)

"""Resolve `like`, with which an entry names another one and gives only the keys in which it differs."""

import copy
from collections.abc import Container
from typing import Any

from aelab.errors import ConfigurationError
from aelab.plan.explanations import nearest

GROUPS = ("splits", "corruptions", "models")

# These keys say what an entry is, not how it is made: a variant of a published model is not a published model.
NOT_INHERITED = ("description", "recipe")


def resolve(config: dict[str, Any]) -> dict[str, Any]:
    """Write out every entry that is `like` another one of its group.

    Such an entry becomes a deep copy of the other one, which may itself be `like` a third, updated with its own keys:
    mappings are merged key by key, every other value is replaced as a whole. `null` is a value like any other.
    `description` and `recipe` are not inherited.

    Parameters
    ----------
    config : dict
        The configuration as written. It is not changed.

    Returns
    -------
    dict
        The configuration without `like`. Groups that are not mappings are left for the schemas to refuse.

    Raises
    ------
    ConfigurationError
        If `like` does not name an entry of the same group, if a model names one of another kind, or if entries are
        like each other in a circle.
    """
    written_out = {
        group: resolved_entries(config[group], group) for group in GROUPS if isinstance(config.get(group), dict)
    }
    return {**config, **written_out}


def resolved_entries(entries: dict[str, Any], group: str) -> dict[str, Any]:
    """Return the entries of a group without `like`, in their order.

    Parameters
    ----------
    entries : dict
        The entries of the group. They are not changed.
    group : str
        The name of the group, for error messages.

    Returns
    -------
    dict

    Raises
    ------
    ConfigurationError
        As in `resolve`.
    """
    found = {name: copy.deepcopy(entry) for name, entry in entries.items() if not is_like(entry)}
    for name in entries:
        chain = chain_of(entries, name, group, found)
        for twin, other in zip(chain[-2::-1], chain[:0:-1], strict=True):
            if twin not in found:
                found[twin] = laid_over(found[other], entries[twin], f"{group}.{twin}", other)
    return {name: found[name] for name in entries}


def is_like(entry: object) -> bool:
    """Return whether an entry is a mapping with the key `like`."""
    return isinstance(entry, dict) and "like" in entry


def chain_of(entries: dict[str, Any], name: str, group: str, written_out: Container[str] = ()) -> list[str]:
    """Follow `like` from an entry to one that is written out.

    Parameters
    ----------
    entries : dict
        The entries of the group.
    name : str
        The name of the entry to start from.
    group : str
        The name of the group, for error messages.
    written_out : container of str
        Names of entries to stop at although they have `like`, since they have already been resolved.

    Returns
    -------
    list of str
        The names of all entries on the way, the first and the last included.

    Raises
    ------
    ConfigurationError
        If `like` does not name an entry of the group, or leads in a circle.
    """
    chain = [name]
    while is_like(entries[chain[-1]]) and chain[-1] not in written_out:
        where, other = f"{group}.{chain[-1]}.like", entries[chain[-1]]["like"]
        if not isinstance(other, str) or other not in entries:
            raise ConfigurationError(where, repr(other), f"allowed: an entry of {group}{nearest(other, entries)}")
        if other in chain:
            circle = " -> ".join([*chain[chain.index(other) :], other])
            raise ConfigurationError(where, f"a cycle ({circle})", "one of them must be written out")
        chain.append(other)
    return chain


def laid_over(base: object, own: dict[str, Any], where: str, other: str) -> dict[str, Any]:
    """Return a deep copy of one entry, updated with the keys of another.

    Parameters
    ----------
    base : dict
        The entry to copy, without `like`. Its keys `description` and `recipe` are left out.
    own : dict
        The entry that is `like` it.
    where : str
        The key of the entry `own`, for error messages.
    other : str
        The name of the entry `base`.

    Returns
    -------
    dict

    Raises
    ------
    ConfigurationError
        If `base` is not a mapping, or the entries are models of different kinds.
    """
    if not isinstance(base, dict):
        raise ConfigurationError(
            f"{where}.like", repr(other), f"{other} is not a mapping of keys to values: correct it first"
        )
    if where.startswith("models.") and "kind" in own and own["kind"] != base.get("kind", own["kind"]):
        raise ConfigurationError(
            f"{where}.kind",
            repr(own["kind"]),
            f"allowed: {base['kind']}, the kind of {other}, which this model is like",
        )
    inherited = {key: value for key, value in base.items() if key not in NOT_INHERITED}
    return merged(inherited, {key: value for key, value in own.items() if key != "like"})


def merged(base: object, own: object) -> object:
    """Return a deep copy of `base` updated with `own`: mappings key by key, every other value as a whole."""
    if isinstance(base, dict) and isinstance(own, dict):
        both = {key: merged(base[key], own[key]) if key in base else copy.deepcopy(own[key]) for key in own}
        return {**{key: copy.deepcopy(base[key]) for key in base if key not in own}, **both}
    return copy.deepcopy(own)


def attributed(error: ConfigurationError, config: dict[str, Any]) -> ConfigurationError:
    """Add to an error the name of the entry from which the wrong value was inherited.

    Parameters
    ----------
    error : ConfigurationError
        The error.
    config : dict
        The configuration as written, with `like`.

    Returns
    -------
    ConfigurationError
        The error itself if the value was not inherited.
    """
    group, name, *keys = [*error.key.split("."), ""]
    keys, entries = keys[:-1], config.get(group)
    if group not in GROUPS or not keys or not is_like(entries.get(name)):
        return error
    for other in chain_of(entries, name, group):
        if holds(entries[other], keys):
            if other == name:
                return error
            return ConfigurationError(
                error.key, error.found, f"{error.allowed} ({name} is like {other}, which says so)"
            )
    return error


def holds(value: object, keys: list[str]) -> bool:
    """Return whether nested mappings give a value at a path of keys.

    Parameters
    ----------
    value : object
        The nested mappings.
    keys : list of str
        The path. A value on the way that is not a mapping counts as given.

    Returns
    -------
    bool
    """
    for key in keys:
        if not isinstance(value, dict):
            return True
        if key not in value:
            return False
        value = value[key]
    return True

"""`like`: an entry that differs from another one in a few keys says which one, and those keys."""

import copy

from aelab.errors import ConfigurationError
from aelab.plan.explanations import nearest

GROUPS = ("splits", "corruptions", "models")

# What an entry is, not how it is made: a twin of a published model is another model, and not published.
NOT_INHERITED = ("description", "recipe")


def resolve(config):
    """The configuration with every entry written out that is `like` another one of its group.

    Such an entry is a deep copy of the other one, which may be `like` a third, with its own keys laid over it: mappings
    key by key, everything else as a whole. `null` is a value like any other. `description` and `recipe` are
    not inherited.

    Parameters
    ----------
    config : dict
        The configuration as written. It is not changed.

    Returns
    -------
    dict
        The same without `like`. What is no mapping is left for the schemas to refuse.

    Raises
    ------
    ConfigurationError
        For `like` with something else than the name of an entry of the same group (and, of models, of the same kind),
        and for entries that are like each other in a circle.
    """
    written_out = {
        group: resolved_entries(config[group], group) for group in GROUPS if isinstance(config.get(group), dict)
    }
    return {**config, **written_out}


def resolved_entries(entries, group):
    """The entries of a group, in their order, without `like`."""
    found = {name: copy.deepcopy(entry) for name, entry in entries.items() if not is_like(entry)}
    for name in entries:
        chain = chain_of(entries, name, group, found)
        for twin, other in zip(chain[-2::-1], chain[:0:-1], strict=True):
            if twin not in found:
                found[twin] = laid_over(found[other], entries[twin], f"{group}.{twin}", other)
    return {name: found[name] for name in entries}


def is_like(entry):
    """Whether an entry is a mapping with the key `like`."""
    return isinstance(entry, dict) and "like" in entry


def chain_of(entries, name, group, written_out=()):
    """Names from an entry through those that it is like, in turn, to one that is written out."""
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


def laid_over(base, own, where, other):
    """A deep copy of the entry `base`, named `other`, with the keys of the entry `own` laid over it."""
    if not isinstance(base, dict):
        raise ConfigurationError(
            f"{where}.like", repr(other), f"{other} is no mapping of keys to values: mend it first"
        )
    if where.startswith("models.") and "kind" in own and own["kind"] != base.get("kind", own["kind"]):
        raise ConfigurationError(
            f"{where}.kind",
            repr(own["kind"]),
            f"allowed: {base['kind']}, the kind of {other}, which this model is like",
        )
    inherited = {key: value for key, value in base.items() if key not in NOT_INHERITED}
    return merged(inherited, {key: value for key, value in own.items() if key != "like"})


def merged(base, own):
    """A deep copy of `base` under `own`: mappings key by key, everything else as a whole."""
    if isinstance(base, dict) and isinstance(own, dict):
        both = {key: merged(base[key], own[key]) if key in base else copy.deepcopy(own[key]) for key in own}
        return {**{key: copy.deepcopy(base[key]) for key in base if key not in own}, **both}
    return copy.deepcopy(own)


def attributed(error, config):
    """An error in a value that an entry has from another one, with the name of that one.

    `config` is the configuration as written. Errors in what an entry says itself, or nobody says, stay as they are.
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


def holds(value, keys):
    """Whether nested mappings say something at these keys, or at the front of them a value that is no mapping."""
    for key in keys:
        if not isinstance(value, dict):
            return True
        if key not in value:
            return False
        value = value[key]
    return True

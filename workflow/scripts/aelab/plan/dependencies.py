"""The text of everything that a job's result can depend on, which Snakemake compares from run to run."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from aelab.kinds import declarations
from aelab.plan import provenance, specs
from aelab.plan.environments import environment_digest


@cache
def surroundings(script: str, environment: str, built: frozenset[str], applied: frozenset[str]) -> dict[str, str]:
    """Return what all jobs of a script have in common: the digests of its code and of its environment.

    Parameters
    ----------
    script : str
        The script, relative to the folder `workflow`.
    environment : str
        The environment's file below `envs`, without its ending.
    built : frozenset of str
        The kinds of model whose architectures the jobs load.
    applied : frozenset of str
        The kinds of model whose own operations in NumPy the jobs load.

    Returns
    -------
    dict of str
        Canonical JSON by the keys `code` and `environment`.
    """
    code, environment = provenance.code(script, built, applied), environment_digest(environment)
    return {"code": specs.canonical(code), "environment": specs.canonical(environment)}


def architectures(settings: dict[str, Any]) -> frozenset[str]:
    """Return the kinds of model that a job can load: those of the entries among its settings."""
    holders = [settings, *settings.get("members", ())]
    return frozenset(holder["entry"]["kind"] for holder in holders if "entry" in holder)


def own_operations(config: dict[str, Any]) -> dict[str, frozenset[str]]:
    """Find the models that consist of operations which a kind brings itself, in NumPy.

    Parameters
    ----------
    config : dict
        The complete configuration.

    Returns
    -------
    dict of frozenset
        The kinds that bring them, by the name of the model. Models without such operations are left out.
    """
    found = {}
    for name, entry in config["models"].items():
        brought = [each for each in declarations.of(entry).operations(entry, config) if "." in each]
        if brought:
            found[name] = frozenset(each.partition(".")[0] for each in brought)
    return found


def applied(own: Mapping[str, frozenset[str]], inputs: Mapping[str, str | list[str]]) -> frozenset[str]:
    """Return the kinds whose own operations a job can load: those of the models whose weights it reads.

    Parameters
    ----------
    own : mapping of frozenset
        As `own_operations` returns them.
    inputs : mapping
        Path or list of paths by name.
    """
    if not own:
        return frozenset()
    paths = [path for each in inputs.values() for path in ([each] if isinstance(each, str) else each)]
    models = {found[1] for path in paths if (found := re.search(r"results/models/(\w+)/seed-\d+/weights\.npz$", path))}
    return frozenset().union(*(own[model] for model in models & own.keys()))


def spec(
    own: Mapping[str, frozenset[str]],
    script: str,
    environment: str,
    settings: dict[str, Any],
    inputs: Mapping[str, str | list[str]],
    outputs: Mapping[str, str | list[str]],
) -> str:
    """Return the canonical text of everything that a job's result can depend on.

    Parameters
    ----------
    own : mapping of frozenset
        As `own_operations` returns them.
    script : str
        The script, relative to the folder `workflow`.
    environment : str
        The environment's file below `envs`, without its ending.
    settings : dict
        The settings that the script reads. A key `code` or `environment` replaces the real digests, for rules
        whose results are the same whatever code and environment make them.
    inputs, outputs : dict
        Path or list of paths by name. They are part of the text since Snakemake compares neither names nor order.

    Returns
    -------
    str
        One line of JSON: the settings, `code`, `environment` and `wiring`.
    """
    parts = surroundings(script, environment, architectures(settings), applied(own, inputs))
    parts = parts | {key: specs.canonical(value) for key, value in settings.items()}
    wiring = specs.canonical({"inputs": inputs, "outputs": outputs})
    words = ",".join(f'"{key}":{parts[key]}' for key in sorted(parts))
    return f'{{{words},"wiring":{wiring}}}'  # the last key: just as unambiguous as in sorted order, and faster

"""The text of everything that a job's result can depend on, which Snakemake compares from run to run."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from aelab.plan import provenance, specs
from aelab.plan.environments import environment_digest


@cache
def surroundings(script: str, environment: str, kinds: frozenset[str]) -> dict[str, str]:
    """Return what all jobs of a script have in common: the digests of its code and of its environment.

    Parameters
    ----------
    script : str
        The script, relative to the folder `workflow`.
    environment : str
        The environment's file below `envs`, without its ending.
    kinds : frozenset of str
        The kinds of model whose architectures the jobs load.

    Returns
    -------
    dict of str
        Canonical JSON by the keys `code` and `environment`.
    """
    code, environment = provenance.code(script, kinds), environment_digest(environment)
    return {"code": specs.canonical(code), "environment": specs.canonical(environment)}


def architectures(settings: dict[str, Any]) -> frozenset[str]:
    """Return the kinds of model that a job can load: those of the entries among its settings."""
    holders = [settings, *settings.get("members", ())]
    return frozenset(holder["entry"]["kind"] for holder in holders if "entry" in holder)


def spec(
    script: str,
    environment: str,
    settings: dict[str, Any],
    inputs: Mapping[str, str | list[str]],
    outputs: Mapping[str, str | list[str]],
) -> str:
    """Return the canonical text of everything that a job's result can depend on.

    Parameters
    ----------
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
    parts = surroundings(script, environment, architectures(settings))
    parts = parts | {key: specs.canonical(value) for key, value in settings.items()}
    wiring = specs.canonical({"inputs": inputs, "outputs": outputs})
    words = ",".join(f'"{key}":{parts[key]}' for key in sorted(parts))
    return f'{{{words},"wiring":{wiring}}}'  # the last key: just as unambiguous as in sorted order, and faster

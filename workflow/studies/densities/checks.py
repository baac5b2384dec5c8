"""Checks of this study's settings that its schema cannot express."""

from aelab.errors import ConfigurationError
from aelab.kinds import declarations
from aelab.plan.studies import check_member, members

WAYS = ("prior", "gaussian", "mixture", "score", "chain")


def check(config: dict, settings: dict) -> None:
    """Check that generators are models of this study that work on images, and that chains know their noise.

    Parameters
    ----------
    config : dict
        The whole configuration, checked and complete.
    settings : dict
        This study's entry.

    Raises
    ------
    ConfigurationError
        If there is no generator; if a generator is not among the models of the study, or was trained on codes; if a
        model of `prior` is not variational or one of `chain` was trained without noise; if there are fewer fitted
        images than components.
    """
    names, where = members(settings), "studies.densities"
    if not any(settings[way] for way in WAYS):
        raise ConfigurationError(where, "no generator", f"name models in one of {', '.join(WAYS)}")
    for way in WAYS:
        for n, name in enumerate(settings[way]):
            place, entry = f"{where}.{way}.{n}", config["models"].get(name, {})
            check_member(place, name, names)
            if entry.get("codes_of"):
                raise ConfigurationError(place, repr(name), "allowed: a model that works on images, not on codes")
            if way == "prior" and not declarations.of(entry).has_prior:
                raise ConfigurationError(place, repr(name), "allowed: a variational model, which has a prior")
            if way == "chain" and not entry.get("corruption"):
                raise ConfigurationError(place, repr(name), "allowed: a model that was trained with a corruption")
    fit = settings["fit"]
    if fit["images"] < 10 * fit["components"]:
        raise ConfigurationError(
            f"{where}.fit.images",
            fit["images"],
            f"allowed: at least ten images for each of {fit['components']} components",
        )

"""Checks of this study's settings that its schema cannot express."""

from aelab.errors import ConfigurationError
from aelab.plan.studies import GROUPS, check_member, members


def check(config: dict, settings: dict) -> None:
    """Check that the models that are named belong to the study, that amounts increase and that numbers fit.

    Parameters
    ----------
    config : dict
        The whole configuration, checked and complete.
    settings : dict
        This study's entry.

    Raises
    ------
    ConfigurationError
        If a model works on codes; if `specialists`, `blind` or `curves` names one that is not in the study; if
        a specialist was not trained on Gaussian noise, or not on more than the one before; if the amounts of a
        degradation do not increase; if more images are read than measured, or the image shown is not among
        them.
    """
    names, where = members(settings), "studies.robustness"
    for group in GROUPS:
        for n, name in enumerate(settings.get(group, [])):
            if config["models"][name].get("codes_of"):
                raise ConfigurationError(f"{where}.{group}.{n}", repr(name), "a model that works on images")
    for key in ("specialists", "blind", "curves"):
        for n, name in enumerate(settings[key]):
            check_member(f"{where}.{key}.{n}", name, names)
    amounts = [amount_of(config, name, f"{where}.specialists.{n}") for n, name in enumerate(settings["specialists"])]
    check_increasing(amounts, f"{where}.specialists")
    for kind, chosen in settings["degradations"].items():
        check_increasing(chosen, f"{where}.degradations.{kind}")
    for key, most in (("read", settings["images"]), ("shown_image", settings["images"] - 1)):
        if settings[key] > most:
            raise ConfigurationError(f"{where}.{key}", settings[key], f"allowed: at most {most}")


def amount_of(config: dict, name: str, where: str) -> float:
    """Return the amount of Gaussian noise that a model was trained on.

    Parameters
    ----------
    config : dict
        The whole configuration.
    name : str
        The name of the model.
    where : str
        The key that names it, for the error message.

    Raises
    ------
    ConfigurationError
        If it was trained on clean images or on other noise.
    """
    corruption = config["corruptions"].get(config["models"][name].get("corruption"), {})
    if corruption.get("kind") != "gaussian":
        raise ConfigurationError(where, repr(name), "a model that is trained on images with Gaussian noise")
    return corruption["amount"]


def check_increasing(amounts: list, where: str) -> None:
    """Check that amounts increase.

    Raises
    ------
    ConfigurationError
        If they do not.
    """
    if any(first >= second for first, second in zip(amounts, amounts[1:], strict=False)):
        raise ConfigurationError(where, amounts, "amounts from the smallest to the largest one")

"""Checks of this study's settings that its schema cannot express."""

from aelab.errors import ConfigurationError
from aelab.plan.studies import check_member, members


def check(config: dict, settings: dict) -> None:
    """Check that only models of this study are compared, and that walks and starts are as many as their names say.

    Parameters
    ----------
    config : dict
        The whole configuration, checked and complete.
    settings : dict
        This study's entry.

    Raises
    ------
    ConfigurationError
        If `compared`, `deeper` or `printed_losses` names a model that is not in the study, or `printed_losses` one that
        is not trained by gradients; if the long walks are not longer than the short ones, or more starts lead to every
        target than there are.
    """
    names, where = members(settings), "studies.denoising"
    compared = [
        (f"{where}.compared.{key}.{n}", name)
        for key, pairs in settings["compared"].items()
        for n, pair in enumerate(pairs)
        for name in pair
    ]
    compared += [
        (f"{where}.deeper.{n}.{key}", name) for n, one in enumerate(settings["deeper"]) for key, name in one.items()
    ]
    for place, name in compared:
        check_member(place, name, names)
    trained = [name for name in [*names, *settings["layers"]] if "epochs" in config["models"][name]]
    for n, printed in enumerate(settings["printed_losses"]):
        check_member(f"{where}.printed_losses.{n}.model", printed["model"], trained)
    walks = settings["walks"]
    if walks["long_steps"] <= walks["steps"]:
        raise ConfigurationError(
            f"{where}.walks.long_steps", walks["long_steps"], f"allowed: above {walks['steps']}, the steps"
        )
    if walks["starts_per_target"] > walks["starts"]:
        raise ConfigurationError(
            f"{where}.walks.starts_per_target",
            walks["starts_per_target"],
            f"allowed: at most {walks['starts']}, the starts",
        )

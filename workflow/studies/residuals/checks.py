"""Checks of this study's settings that its schema cannot express."""

from aelab.plan.studies import check_member, members


def check(config: dict, settings: dict) -> None:
    """Check that residuals are taken only of models of this study.

    Parameters
    ----------
    config : dict
        The whole configuration, checked and complete.
    settings : dict
        This study's entry.

    Raises
    ------
    ConfigurationError
        If an entry of `shown` names a model that is not in the study.
    """
    for n, shown in enumerate(settings["shown"]):
        check_member(f"studies.residuals.shown.{n}.model", shown["model"], members(settings))

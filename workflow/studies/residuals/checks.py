"""Checks of this study's settings that its schema cannot express."""

from aelab.errors import ConfigurationError
from aelab.plan.explanations import nearest
from aelab.plan.studies import members


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
    names = members(settings)
    for n, shown in enumerate(settings["shown"]):
        if shown["model"] not in names:
            raise ConfigurationError(
                f"studies.residuals.shown.{n}.model",
                repr(shown["model"]),
                f"allowed: {', '.join(names)}{nearest(shown['model'], names)}",
            )

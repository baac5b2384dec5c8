"""Checks of this study's settings that its schema cannot express. Leave this file out if there are none."""

from aelab.errors import ConfigurationError
from aelab.plan.studies import members


def check(config: dict, settings: dict) -> None:
    """Check that there is something to compare.

    Parameters
    ----------
    config : dict
        The whole configuration, checked and complete.
    settings : dict
        This study's entry.

    Raises
    ------
    ConfigurationError
        If the study names a single model.
    """
    names = members(settings)
    if len(names) < 2:
        raise ConfigurationError("studies", f"the model {names[0]} alone", "name at least two models to compare")

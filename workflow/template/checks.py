"""What the settings of this study must keep to beside its schema. A study that needs no such check has no such file."""

from aelab.errors import ConfigurationError
from aelab.plan.studies import members


def check(config, settings):
    """There is something to compare.

    Parameters
    ----------
    config : dict
        The whole configuration, checked and complete.
    settings : dict
        This study's entry.

    Raises
    ------
    ConfigurationError
        Where the study names a single model.
    """
    names = members(settings)
    if len(names) < 2:
        raise ConfigurationError("studies", f"the model {names[0]} alone", "name at least two models to compare")

"""Checks of this study's settings that its schema cannot express."""

from aelab.errors import ConfigurationError
from aelab.plan.explanations import nearest
from aelab.plan.studies import members


def check(config: dict, settings: dict) -> None:
    """Check that only models of this study are compared.

    Parameters
    ----------
    config : dict
        The whole configuration, checked and complete.
    settings : dict
        This study's entry.

    Raises
    ------
    ConfigurationError
        If `twins` or `deeper` names a model that is not in the study.
    """
    names = members(settings)
    compared = [(f"twins.{n}", name) for n, pair in enumerate(settings["twins"]) for name in pair]
    compared += [(f"deeper.{key}", name) for key, name in settings["deeper"].items()]
    for where, name in compared:
        if name not in names:
            raise ConfigurationError(
                f"studies.denoising.{where}", repr(name), f"allowed: models of this study{nearest(name, names)}"
            )

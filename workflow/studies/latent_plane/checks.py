"""Checks of this study's settings that its schema cannot express."""

from aelab.errors import ConfigurationError
from aelab.plan.entries import code_size
from aelab.plan.references import reference
from aelab.plan.studies import check_models


def check(config: dict, settings: dict) -> None:
    """Check that the classifiers are classifiers and that codes drawn in the plane have two numbers.

    Parameters
    ----------
    config : dict
        The whole configuration, checked and complete.
    settings : dict
        This study's entry.

    Raises
    ------
    ConfigurationError
        If `classifiers` or `plane_of` names an unknown model, `classifiers` one that is no classifier, or `plane_of`
        one whose code does not have two numbers.
    """
    check_models(config, "studies.latent_plane.classifiers", settings["classifiers"], labels=True)
    for name in settings["plane_of"]:
        reference(config, "studies.latent_plane.plane_of", "models", name)
        if code_size(config, name) != 2:
            raise ConfigurationError(
                "studies.latent_plane.plane_of",
                repr(name),
                f"a model with a code of 2, not {code_size(config, name)}",
            )

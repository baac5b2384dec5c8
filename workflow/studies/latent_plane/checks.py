"""What the settings of this study must keep to beside its schema."""

from aelab.errors import ConfigurationError
from aelab.plan.entries import code_size
from aelab.plan.references import reference
from aelab.plan.studies import check_models


def check(config, settings):
    """Classifiers are classifiers, and codes that are drawn in the plane have two numbers."""
    check_models(config, "studies.latent_plane.classifiers", settings["classifiers"], labels=True)
    for name in settings["plane_of"]:
        reference(config, "studies.latent_plane.plane_of", "models", name)
        if code_size(config, name) != 2:
            raise ConfigurationError(
                "studies.latent_plane.plane_of",
                repr(name),
                f"a model with a code of 2, not {code_size(config, name)}",
            )

"""What the settings of this study must keep to beside its schema."""

from aelab.errors import ConfigurationError
from aelab.plan.explanations import nearest
from aelab.plan.studies import members


def check(config, settings):
    """Residuals are taken of models of the study."""
    names = members(settings)
    for n, shown in enumerate(settings["shown"]):
        if shown["model"] not in names:
            raise ConfigurationError(
                f"studies.residuals.shown.{n}.model",
                repr(shown["model"]),
                f"allowed: {', '.join(names)}{nearest(shown['model'], names)}",
            )

"""What the settings of this study must keep to beside its schema."""

from aelab.errors import ConfigurationError
from aelab.plan.explanations import nearest
from aelab.plan.studies import members


def check(config, settings):
    """What is compared are models of the study."""
    names = members(settings)
    compared = [(f"twins.{n}", name) for n, pair in enumerate(settings["twins"]) for name in pair]
    compared += [(f"deeper.{key}", name) for key, name in settings["deeper"].items()]
    for where, name in compared:
        if name not in names:
            raise ConfigurationError(
                f"studies.denoising.{where}", repr(name), f"allowed: models of this study{nearest(name, names)}"
            )

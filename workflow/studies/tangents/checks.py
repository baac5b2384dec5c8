"""What the settings of this study must keep to beside its schema."""

from aelab.errors import ConfigurationError
from aelab.plan.entries import code_size
from aelab.plan.studies import members


def check(config, settings):
    """The tangent spaces exist: autoencoders of one code size, and dimensions that fit."""
    where, models = "studies.tangents", members(settings, ("published", "corrected"))
    sizes = {model: code_size(config, model) for model in models}
    if len(set(sizes.values())) > 1:
        raise ConfigurationError(f"{where}.corrected", f"codes of {sizes}", "models with codes of one size")
    for key, bound in (
        ("tangent_dimension", min(settings["neighbours"] - 1, *sizes.values())),
        ("vectors_shown", min(sizes.values())),
        ("shown_image", settings["images"] - 1),
    ):
        if settings[key] > bound:
            raise ConfigurationError(f"{where}.{key}", settings[key], f"allowed: at most {bound}")

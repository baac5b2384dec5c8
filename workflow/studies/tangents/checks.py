"""Checks of this study's settings that its schema cannot express."""

from aelab.errors import ConfigurationError
from aelab.plan.entries import code_size
from aelab.plan.studies import members


def check(config: dict, settings: dict) -> None:
    """Check that the codes are of one size, and that the dimensions and the number of the image are within bounds.

    Parameters
    ----------
    config : dict
        The whole configuration, checked and complete.
    settings : dict
        This study's entry.

    Raises
    ------
    ConfigurationError
        If code sizes differ, or if `tangent_dimension`, `vectors_shown` or `shown_image` is too large.
    """
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

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
        If code sizes differ, or if `tangent_dimensions`, `vectors_shown` or `shown_image` is too large.
    """
    where, models = "studies.tangents", members(settings, ("published", "corrected"))
    sizes = {model: code_size(config, model) for model in models}
    if len(set(sizes.values())) > 1:
        raise ConfigurationError(f"{where}.corrected", f"codes of {sizes}", "models with codes of one size")
    dimensions = {f"tangent_dimensions.{n}": value for n, value in enumerate(settings["tangent_dimensions"])}
    for key, value, bound in (
        *((key, value, min(settings["neighbours"] - 1, *sizes.values())) for key, value in dimensions.items()),
        ("vectors_shown", settings["vectors_shown"], min(sizes.values())),
        ("shown_image", settings["shown_image"], settings["images"] - 1),
    ):
        if value > bound:
            raise ConfigurationError(f"{where}.{key}", value, f"allowed: at most {bound}")

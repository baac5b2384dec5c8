"""Checks of this study's settings that its schema cannot express."""

from aelab.errors import ConfigurationError
from aelab.plan.entries import code_size
from aelab.plan.explanations import nearest
from aelab.plan.studies import members


def check(config: dict, settings: dict) -> None:
    """Check that published points fit the codes of their models, and that at least one model has a code of two numbers.

    Parameters
    ----------
    config : dict
        The whole configuration, checked and complete.
    settings : dict
        This study's entry.

    Raises
    ------
    ConfigurationError
        If `published_points` names a model that is not in the study, or a point with another number of coordinates than
        the code of its model has; if no model of the study has a code of two numbers.
    """
    names = members(settings)
    for name, points in settings["published_points"].items():
        where = f"studies.bottleneck.published_points.{name}"
        if name not in names:
            allowed = f"allowed: models of this study{nearest(name, names)}"
            raise ConfigurationError(where, "no model of this study", allowed)
        for n, point in enumerate(points):
            if len(point["code"]) != code_size(config, name):
                raise ConfigurationError(
                    f"{where}.{n}.code",
                    f"{len(point['code'])} numbers",
                    f"allowed: {code_size(config, name)}, the code of {name}",
                )
    if all(code_size(config, name) != 2 for name in names):
        raise ConfigurationError(
            "studies.bottleneck.published",
            f"no model with a code of 2 among {', '.join(names)}",
            "name one, for the figure of codes in the plane",
        )

"""Checks of this study's settings that its schema cannot express."""

from aelab.errors import ConfigurationError
from aelab.plan.entries import code_size, dataset
from aelab.plan.studies import check_member, members


def check(config: dict, settings: dict) -> None:
    """Check classes and published points against the images and the codes, and that a model has a code of two numbers.

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
        the code of its model has; if a point or `crosses` names a class that does not exist; if no model of the study
        has a code of two numbers.
    """
    names = members(settings)
    last = len(dataset(config["models"][names[0]], config).classes) - 1
    for n, number in enumerate(settings["crosses"]):
        check_class(f"studies.bottleneck.crosses.{n}", number, last)
    for name, points in settings["published_points"].items():
        where = f"studies.bottleneck.published_points.{name}"
        check_member(where, name, names)
        for n, point in enumerate(points):
            check_class(f"{where}.{n}.digit", point["digit"], last)
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


def check_class(where: str, number: int, last: int) -> None:
    """Raise `ConfigurationError` unless a class has this number; the numbers run from 0 to `last`."""
    if number > last:
        raise ConfigurationError(where, number, f"allowed: at most {last}, the last class")

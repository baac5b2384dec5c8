"""Refuse what configurations of earlier versions said, and say what to write instead."""

from typing import Any

from aelab.errors import ConfigurationError
from aelab.plan.datasets import known_kinds


def check_former(config: dict[str, Any]) -> None:
    """Refuse keys of earlier versions.

    Parameters
    ----------
    config : dict
        The configuration as written, `like` resolved.

    Raises
    ------
    ConfigurationError
        If there is such a key; the message says what to write now.
    """
    check_data(config)
    check_drawn(config)


def check_data(config: dict[str, Any]) -> None:
    """Refuse the key `data`: the entry of each data set now says where its images come from.

    Raises
    ------
    ConfigurationError
        If the configuration has that key.
    """
    if "data" in config:
        raise ConfigurationError(
            "data",
            "where images come from, without the data set's name",
            "write `datasets: {<name>: {kind: <data set>, ...}}` with the same keys in it, of the kinds "
            f"{', '.join(known_kinds())}",
        )


def check_drawn(config: dict[str, Any]) -> None:
    """Refuse `drawn` inside a corruption: each model now says how often the noise of its training is drawn.

    Parameters
    ----------
    config : dict
        The configuration as written, `like` resolved.

    Raises
    ------
    ConfigurationError
        If a corruption has that key; the message names the models whose entries it now belongs in.
    """
    corruptions, models = config.get("corruptions"), config.get("models")
    for name, corruption in corruptions.items() if isinstance(corruptions, dict) else ():
        if not isinstance(corruption, dict) or "drawn" not in corruption:
            continue
        where, drawn = f"corruptions.{name}.drawn", corruption["drawn"]
        if drawn != "each_epoch":
            raise ConfigurationError(
                where,
                repr(drawn),
                "remove this line: models say how noise is drawn, and `drawn: once` is their default",
            )
        users = [
            f"models.{model}"
            for model, entry in (models.items() if isinstance(models, dict) else ())
            if isinstance(entry, dict) and entry.get("corruption") == name
        ]
        listed = ", ".join(users[:10]) + (f" and {len(users) - 10} more" if len(users) > 10 else "")
        raise ConfigurationError(
            where,
            repr(drawn),
            "remove this line: models say how noise is drawn. "
            f"Write `drawn: each_epoch` beside `corruption: {name}` in {listed or 'the models that name it'}",
        )

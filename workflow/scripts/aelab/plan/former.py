"""What configurations said earlier and say in another way now: each is refused with what to write instead."""

from aelab.errors import ConfigurationError


def check_former(config):
    """Refuse `drawn` inside a corruption: how often noise is drawn is said by each model that trains on it.

    Parameters
    ----------
    config : dict
        The configuration as written, `like` resolved.

    Raises
    ------
    ConfigurationError
        Names the key, and the models whose entries the new one belongs in.
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

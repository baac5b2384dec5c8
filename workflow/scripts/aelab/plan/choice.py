"""Leave out what the configuration's keys `only` and `recipes` do not choose."""

from collections.abc import Iterable, Iterator

from aelab.kinds.declarations import Config
from aelab.plan.entries import judges, upstream
from aelab.plan.references import reference
from aelab.plan.studies import members

RECIPES = {"asked", "published", "corrected", "baseline", "support"}


def of_studies(config: Config) -> Config:
    """Keep only the studies that `only` lists, the models that they name, and what these start from.

    Parameters
    ----------
    config : dict
        The complete configuration. It is not changed.

    Returns
    -------
    dict
        The configuration without the other studies and models.

    Raises
    ------
    ConfigurationError
        If a study is listed that does not exist.
    """
    if config["only"] is None:
        return config
    for study in config["only"]:
        reference(config, "only", "studies", study)
    studies = {study: settings for study, settings in config["studies"].items() if study in config["only"]}
    kept = with_upstream(config, config["models"].keys() & set(texts(studies)))
    models = {name: entry for name, entry in config["models"].items() if name in kept}
    return {**config, "studies": studies, "models": models}


def of_recipes(config: Config) -> Config:
    """Keep only the models whose recipe is among `recipes`, and what these start from.

    Models that are left out are removed from the studies too, together with the pairs and settings that name them, and
    so are studies without a model.

    Parameters
    ----------
    config : dict
        The complete configuration. It is not changed.

    Returns
    -------
    dict
        The configuration without the other models.
    """
    models, recipes = config["models"], set(config["recipes"])
    if recipes == RECIPES:
        return config
    kept = with_upstream(config, {name for name, entry in models.items() if entry["recipe"] in recipes - {"support"}})
    gone = models.keys() - kept

    def names(item: object) -> bool:
        items = item.values() if isinstance(item, dict) else item if isinstance(item, list) else [item]
        return any(isinstance(each, str) and each in gone for each in items)

    def without(value: object) -> object:
        if isinstance(value, dict):
            return {key: without(item) for key, item in value.items() if key not in gone}
        return [item for item in value if not names(item)] if isinstance(value, list) else value

    return {
        **config,
        "models": {name: entry for name, entry in models.items() if name in kept},
        "studies": {study: own for study, own in without(config["studies"]).items() if members(own)},
    }


def with_upstream(config: Config, names: Iterable[str]) -> set[str]:
    """Return the names of models, of the judges, and of all that these start from or take their codes of."""
    kept, queue = set(), [*judges(config).values(), *names]
    while queue:
        name = queue.pop()
        if name not in kept:
            kept.add(name)
            queue += [before for _, before in upstream(config["models"][name])]
    return kept


def texts(value: object) -> Iterator[str]:
    """Yield every text in nested lists and dicts, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for key, item in value.items() for text in (key, *texts(item)))
    elif isinstance(value, list):
        yield from (text for item in value for text in texts(item))

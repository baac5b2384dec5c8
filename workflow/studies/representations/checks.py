"""Checks of this study's settings that its schema cannot express."""

from aelab.errors import ConfigurationError
from aelab.plan.studies import check_member, check_models, members


def check(config: dict, settings: dict) -> None:
    """Check the classifiers, the numbers of labels and the names of representations.

    Parameters
    ----------
    config : dict
        The whole configuration, checked and complete.
    settings : dict
        This study's entry.

    Raises
    ------
    ConfigurationError
        If `classifiers` names a model that is not of kind dense_classifier, `labels` do not increase, `all_labels_of`
        names what is no representation of this study, or there are too many neighbours for the sample.
    """
    where = "studies.representations"
    check_models(config, f"{where}.classifiers", settings["classifiers"], labels=True)
    for n, name in enumerate(settings["classifiers"]):
        kind = config["models"][name]["kind"]
        if kind != "dense_classifier":
            raise ConfigurationError(f"{where}.classifiers.{n}", f"{name} of kind {kind}", "kind dense_classifier")
    numbers = [each["a_class"] for each in settings["labels"]]
    if numbers != sorted(set(numbers)):
        raise ConfigurationError(f"{where}.labels", f"{numbers} a class", "each number once, in increasing order")
    references = ["every", "pixels", *(f"random_{size}" for size in settings["random_projections"])]
    for n, name in enumerate(settings["all_labels_of"]):
        check_member(f"{where}.all_labels_of.{n}", name, [*members(settings), *references])
    sample = settings["neighbourhoods"]
    if 2 * sample["neighbours"] >= sample["images"]:
        raise ConfigurationError(
            f"{where}.neighbourhoods.neighbours", sample["neighbours"], f"less than half of {sample['images']} images"
        )

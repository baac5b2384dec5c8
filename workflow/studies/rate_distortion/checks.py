"""Checks of this study's settings that its schema cannot express."""

from itertools import pairwise

from aelab.errors import ConfigurationError
from aelab.plan.studies import check_models, members

# Kinds whose loss is the cross-entropy of the pixels plus a multiple of the divergence. A `conv_vae` may have another.
KINDS = ("vae", "beta_vae", "conv_vae")


def check(config: dict, settings: dict) -> None:
    """Check that all models have a rate and a distortion in nats, and that numbers of samples divide each other.

    Parameters
    ----------
    config : dict
        The whole configuration, checked and complete.
    settings : dict
        This study's entry.

    Raises
    ------
    ConfigurationError
        If a model is not variational, has another loss or, other than those of `bounded`, was trained on binary images;
        if the numbers of samples do not start with 1 or one is no multiple of the one before; or if steps do not grow.
    """
    where = "studies.rate_distortion"
    check_models(config, f"{where}.bounded", settings["bounded"])
    for name in [*members(settings), *settings["bounded"]]:
        entry = config["models"][name]
        if entry["kind"] not in KINDS or entry["loss"] != "negative_elbo":
            raise ConfigurationError(
                where, f"{name}, whose loss is {entry.get('loss')}", "allowed: variational models with a negative ELBO"
            )
    for name in members(settings):
        if config["models"][name].get("pixels", "grey") != "grey":
            raise ConfigurationError(where, f"{name}, a model of binary images", "allowed: in the list `bounded` alone")
    samples = settings["importance"]["samples"]
    if samples[0] != 1:
        raise ConfigurationError(f"{where}.importance.samples.0", samples[0], "allowed: 1, which gives the ELBO")
    for n, (before, after) in enumerate(pairwise(samples), 1):
        if after <= before or after % before:
            raise ConfigurationError(
                f"{where}.importance.samples.{n}", after, f"allowed: a multiple of {before}, the number before it"
            )
    for n, (before, after) in enumerate(pairwise(settings["quantised_pca"]["steps"]), 1):
        if after <= before:
            raise ConfigurationError(f"{where}.quantised_pca.steps.{n}", after, f"allowed: more than {before}")

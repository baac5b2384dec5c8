"""`recipes` leaves models out, and with them everything in the studies that names them."""

import pytest
import small
import yaml

from aelab.plan import configuration

RECIPES = [["asked"], ["published"], ["corrected"], ["published", "corrected"], ["baseline"]]


def texts(value):
    """Every text in nested lists and dicts, keys included."""
    if isinstance(value, dict):
        return {text for key, item in value.items() for text in {key} | texts(item)}
    if isinstance(value, list):
        return {text for item in value for text in texts(item)}
    return {value} if isinstance(value, str) else set()


@pytest.mark.parametrize("recipes", RECIPES, ids=" and ".join)
def test_nothing_names_a_model_that_is_left_out(recipes):
    whole = configuration.load(small.default())
    config = configuration.load(small.default() | {"recipes": recipes})
    gone = whole["models"].keys() - config["models"].keys()
    assert gone and not gone & texts(config["studies"])
    for name, entry in whole["models"].items():
        assert (entry["recipe"] in recipes or name == config["judge"]) <= (name in config["models"])
    assert all(
        len(pair) == 2
        for pairs in config["studies"].get("denoising", {"compared": {}})["compared"].values()
        for pair in pairs
    )


def test_a_study_without_models_is_left_out():
    assert list(configuration.load(small.default() | {"recipes": ["asked"]})["studies"]) == ["latent_plane"]
    assert "latent_plane" not in configuration.load(small.default() | {"recipes": ["published"]})["studies"]


def test_what_kept_models_start_from_is_kept():
    config = configuration.load(small.default() | {"recipes": ["corrected"]})
    assert {"stacked_784_layer_1", "deep_128_layer_2_corrected", "judge"} <= config["models"].keys()
    assert "conv_plane" not in config["models"]


def test_the_quick_configuration_is_the_default_one_with_other_budgets():
    """It shortens trainings, batches and samples; what is trained and shown stays as it is."""
    quick = yaml.safe_load((small.REPOSITORY / "config" / "quick.yaml").read_text())
    assert quick["recipes"] == ["corrected"] and quick.keys() == {"recipes", "models", "studies"}
    default = configuration.load(small.default() | {"recipes": ["corrected"]})
    trained = {name for name, entry in default["models"].items() if entry.get("epochs")}
    assert quick["models"].keys() == trained
    for entry in quick["models"].values():
        assert entry.keys() <= {"epochs", "updates", "batch_size", "optimizer", "seeds"}
        assert entry.get("optimizer", {}).keys() <= {"learning_rate"}


def test_what_is_called_published_is_trained_in_the_precision_of_the_publication():
    """Single precision, which is what Keras uses unless it is told otherwise."""
    config = configuration.load(small.default())
    trained = {name: entry for name, entry in config["models"].items() if "precision" in entry}
    assert {entry["precision"] for entry in trained.values() if entry["recipe"] in ("published", "asked")} == {
        "float32"
    }

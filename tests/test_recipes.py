"""`recipes` leaves models out, and with them everything in the studies that names them; `only` leaves out studies."""

import fast_yaml
import pytest
import small

from aelab.errors import ConfigurationError
from aelab.plan import configuration
from aelab.plan.choice import texts

RECIPES = [["asked"], ["published"], ["corrected"], ["published", "corrected"], ["baseline"]]


@pytest.mark.parametrize("recipes", RECIPES, ids=" and ".join)
def test_nothing_names_a_model_that_is_left_out(recipes):
    whole = configuration.load(small.default())
    config = configuration.load(small.default() | {"recipes": recipes})
    gone = whole["models"].keys() - config["models"].keys()
    assert gone and not gone & set(texts(config["studies"]))
    for name, entry in whole["models"].items():
        assert (entry["recipe"] in recipes or name == config["judge"]) <= (name in config["models"])
    assert all(
        len(pair) == 2
        for pairs in config["studies"].get("denoising", {"compared": {}})["compared"].values()
        for pair in pairs
    )


def test_a_study_without_models_is_left_out():
    studies = configuration.load(small.default() | {"recipes": ["asked"]})["studies"]
    assert list(studies) == ["latent_plane", "representations"]
    assert "latent_plane" not in configuration.load(small.default() | {"recipes": ["published"]})["studies"]


def test_what_kept_models_start_from_is_kept():
    config = configuration.load(small.default() | {"recipes": ["corrected"]})
    assert {"stacked_784_layer_1", "deep_128_layer_2_corrected", "judge"} <= config["models"].keys()
    assert "conv_plane" not in config["models"]


@pytest.mark.parametrize("study", small.default()["studies"])
def test_one_study_keeps_what_it_names(study):
    whole = configuration.load(small.default())
    config = configuration.load(small.default() | {"only": [study]})
    assert config["studies"] == {study: whole["studies"][study]}
    assert config["models"].items() < whole["models"].items()
    assert whole["models"].keys() & set(texts(config["studies"])) <= config["models"].keys()


def test_a_study_is_carried_out_alone(planner, tmp_path):
    """With the jobs that a run of all studies has for it, apart from those that collect from all studies."""
    place = ("--directory", str(tmp_path), "--configfile", "config/config.yaml")
    whole = {job.outputs[0]: job.spec for job in planner.jobs(small.REPOSITORY, *place) if job.outputs}
    jobs = planner.jobs(small.REPOSITORY, *place, "--config", "only=[interpolation]")
    assert {job.rule for job in jobs} >= {"measure_paths", "check_claims", "write_index"}
    differing = {job.rule for job in jobs if job.outputs and whole[job.outputs[0]] != job.spec}
    pages = {"write_index", "write_instruments", "write_study_page"}
    assert differing == {"collect_metrics", "check_claims", "write_manifest", *pages}


def test_a_study_that_does_not_exist_is_refused():
    with pytest.raises(ConfigurationError, match="only.*'tangent'.*tangents"):
        configuration.load(small.default() | {"only": ["tangent"]})


def test_the_quick_configuration_is_the_default_one_with_other_budgets():
    """It shortens trainings, batches and samples; what is trained and shown stays as it is."""
    quick = fast_yaml.safe_load((small.REPOSITORY / "config" / "quick.yaml").read_text())
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

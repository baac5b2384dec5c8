"""The denoising study: interpolated pairs, errors beside accuracy, printed losses, and the answers drawn from them."""

import answer_denoising
import fast_yaml
import interpolate_test_pairs
import measure_interpolations
import numpy as np
import pandas as pd
import pytest
import tabulate_errors
import tabulate_losses
from small import REPOSITORY

from aelab.errors import ConfigurationError
from aelab.plan import configuration
from aelab.plan.studies import own_checks


def test_a_is_the_weight_of_the_first_code():
    """The assignment's a z1 + (1 - a) z2, for a = 0, 0.1 ... 1."""
    first, second = np.array([[1.0, 0.0]]), np.array([[0.0, 10.0]])
    points = interpolate_test_pairs.between(first, second)
    expected = [[[a / 10, 10 - a] for a in range(11)]]
    np.testing.assert_allclose(points, expected, atol=1e-6)


@pytest.mark.parametrize(("given", "first"), [([5, 6], [5, 6]), ([1, 4], None), ([5, 90], None), (None, None)], ids=str)
def test_the_first_pair_of_different_digits_is_the_published_one_where_it_can_be(given, first):
    labels = np.arange(60) % 3
    rows = np.arange(50)
    pairs = interpolate_test_pairs.drawn_pairs(labels, rows, 7, np.random.default_rng(1), given)
    drawn = interpolate_test_pairs.drawn_pairs(labels, rows, 7, np.random.default_rng(1))
    same, different = (labels[sort] for sort in pairs)
    assert (same[:, 0] == same[:, 1]).all() and (different[:, 0] != different[:, 1]).all()
    assert pairs.shape == (2, 7, 2) and pairs.max() < 50
    assert pairs[1, 0].tolist() == (first or drawn[1, 0].tolist())


def test_plausible_images_are_as_sure_and_as_near_as_all_but_the_worst_real_ones():
    real = np.linspace(0, 1, 101), np.linspace(0, 10, 101)  # the worst 5 %: below 0.05 and above 9.5
    confidence, distance = np.array([0.04, 0.06, 0.06, 0.9]), np.array([1, 9.4, 9.6, 9.4])
    found = measure_interpolations.plausible(confidence, distance, real, 0.05)
    assert found.tolist() == [False, True, False, True]


def test_interpolations_are_summarised_between_the_ends():
    read_as, confidence = np.zeros((1, 2, 1, 11), int), np.full((1, 2, 1, 11), 0.95)
    distance = np.full((1, 2, 1, 11), 1.0)
    read_as[0, 0, 0, 5], confidence[0, 0, 0, 5], distance[0, 1, 0, [0, 3]] = 2, 0.5, 20
    paths = {"pairs": np.array([[[0, 1]], [[0, 2]]]), "read_as": read_as, "confidence": confidence}
    paths |= {"distance": distance, "real_confidence": np.full(9, 0.9), "real_distance": np.full(9, 2.0)}
    table = measure_interpolations.interpolations(["one"], paths, np.array([0, 0, 1]), 0.05)
    same, different = table.to_dict("records")
    assert same["read_as_digit_of_pair"] == same["sure"] == same["plausible"] == pytest.approx(8 / 9)
    assert same["confidence_half_way"] == 0.5 and same["plausible_ends"] == 1
    assert (different["read_as_digit_of_pair"], different["plausible"]) == pytest.approx((1, 8 / 9))
    assert different["plausible_ends"] == 0.5


class Brightest:
    """A judge that reads an image as the number of its brightest pixel."""

    def read(self, images):
        return images.argmax(-1), images.max(-1)


def test_references_have_an_accuracy_on_what_they_make():
    clean, labels = np.eye(16).repeat(3, axis=0), np.arange(16).repeat(3)
    noisy = clean.copy()
    noisy[:12] = noisy[:12, ::-1]  # a quarter of the images show another class
    row = tabulate_errors.of_reference("it", "itself", clean, labels, (16, 1), Brightest(), noisy)
    assert row["accuracy_noisy"] == 0.75 and "accuracy" not in row
    assert row["mse_noisy"] == pytest.approx(2 * 12 / 48 / 16)


def test_printed_losses_stand_beside_measured_ones():
    history = pd.DataFrame({"epoch": [1, 2, 3], "training_loss": [0.3, 0.2, 0.1]})
    table = tabulate_losses.compared("one", [0.2, 0.1], history)
    assert table["epoch"].tolist() == [1, 2, 3]
    np.testing.assert_allclose(table["printed"], [0.2, 0.1, np.nan])
    np.testing.assert_allclose(table["measured_over_printed"], [1.5, 2, np.nan])
    assert answer_denoising.of_losses(table) == {"one.training_loss.first": 0.3, "one.training_loss.last": 0.2}
    short = tabulate_losses.compared("one", [0.2, 0.1, 0.05, 0.02], history)
    assert answer_denoising.of_losses(short) == {"one.training_loss.first": 0.3}


def test_errors_answer_who_is_best_and_what_noise_and_depth_gain():
    names = ["a", "a_noisy", "b", "b_noisy", "wiener_filter", "noisy_image", "noisy_image_clipped"]
    errors = pd.DataFrame(
        {
            "name": names,
            "group": ["published"] * 4 + ["references"] * 3,
            "updates": [1, 2, 3, 4, None, None, None],
            "mse": [0.01, 0.02, 0.01, 0.05, None, None, None],
            "mse_noisy": [0.06, 0.012, 0.09, 0.010, 0.014, 0.16, 0.08],
            "accuracy": [0.9, 0.9, 0.9, 0.9, None, None, None],
            "accuracy_noisy": [0.5, 0.97, 0.4, 0.96, 0.9, 0.1, 0.1],
        }
    )
    compared = {"published": [["a", "a_noisy"], ["b", "b_noisy"]], "gone": []}
    found = answer_denoising.of_errors(errors, compared, [{"model": "b_noisy", "than": "a_noisy"}])
    assert found["published.b_noisy.rank_noisy"] == 1 and found["published.a_noisy.rank_noisy"] == 2
    assert found["published.a_noisy.rank_accuracy"] == 1
    assert found["published.single_over_deep"] == pytest.approx(1.2)
    assert (found["a.noise_gains_times"], found["b.noise_gains_times"]) == pytest.approx((5, 9))
    assert (found["a.noise_costs_clean_times"], found["b.noise_costs_clean_times"]) == pytest.approx((2, 5))
    assert found["b_noisy.changes"] == pytest.approx(-1 / 6)
    assert found["models_better_than_wiener"] == 2 and not any(name.startswith("gone") for name in found)


def test_similar_interpolations_have_a_small_range():
    table = pd.DataFrame({"name": ["a", "b", "c"], "pairs": "same_digit", "plausible": [0.5, 0.8, 0.1]})
    for column in answer_denoising.OF_INTERPOLATIONS:
        table[column] = table.get(column, 0.0)
    found = answer_denoising.of_interpolations(table, {"published": [["a", "b"]]})
    assert found["published.plausible_range.same_digit"] == pytest.approx(0.3)
    assert found["published.plausible.same_digit"] == pytest.approx(0.65)
    assert (found["c.plausible.same_digit"], found["published.plausible_most.same_digit"]) == (0.1, 0.8)


def settings(**changes):
    """The configuration with changes to the entry of this study."""
    config = fast_yaml.safe_load((REPOSITORY / "config" / "config.yaml").read_text())
    config["studies"]["denoising"] |= changes
    return config


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"compared": {"mine": [["single_128", "dense_2"]]}}, "studies.denoising.compared.mine.0"),
        ({"deeper": [{"model": "dense_2", "than": "single_128"}]}, "studies.denoising.deeper.0.model"),
        ({"printed_losses": [{"model": "deep_128", "losses": [1]}]}, "studies.denoising.printed_losses.0.model"),
        ({"walks": {"steps": 10, "long_steps": 10}}, "studies.denoising.walks.long_steps"),
        ({"walks": {"starts": 10, "starts_per_target": 11}}, "studies.denoising.walks.starts_per_target"),
    ],
)
def test_settings_that_make_no_sense_are_refused(changes, key):
    with pytest.raises(ConfigurationError, match=key.replace(".", r"\.")):
        configuration.load(settings(**changes))


def test_the_configuration_as_it_is_passes():
    config = configuration.load(settings())
    own_checks("denoising")(config, config["studies"]["denoising"])
    losses = {one["model"]: one["losses"] for one in config["studies"]["denoising"]["printed_losses"]}
    for model, printed in losses.items():
        assert config["models"][model]["epochs"] == len(printed), model

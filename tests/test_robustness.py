"""The robustness study: degradations, the Wiener filter of each, the least error of any denoiser, and its answers."""

import copy
from statistics import NormalDist

import answer_robustness
import compare_specialists
import measure_degraded
import numpy as np
import pandas as pd
import pytest
import small
import tabulate_degradations
from rounding import STANDARD_ERRORS

from aelab.analysis import measures, posterior, wiener
from aelab.data import datasets, degradation
from aelab.errors import ConfigurationError
from aelab.plan import configuration

WRITTEN = small.written()
SHAPE = (5, 4)
DRAWN = {"gaussian": 0.3, "gaussian_clipped": 0.3, "masking": 0.4, "salt_and_pepper": 0.3, "occlusion": 0.3}


def grey_images(count, seed=1):
    """Images of 5 x 4 pixels, uint8, neighbouring pixels alike and the first one always 0."""
    values = np.random.default_rng(seed).normal(size=(count, 20)).cumsum(axis=1) * 0.2 + 0.4
    values[:, 0] = 0
    return np.round(np.clip(values, 0, 1) * 255).astype(np.uint8)


def degraded(images, kind, amount, seed=1):
    return degradation.degraded(datasets.unit(images), SHAPE, kind, amount, np.random.default_rng(seed))


# -- degradations ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", degradation.AMOUNTS)
def test_an_image_is_degraded_in_the_same_way_however_many_follow_it(kind):
    images = datasets.unit(grey_images(30))
    few, many = (degradation.drawn(images[:n], SHAPE, kind, 0.2, 3) for n in (7, 30))
    np.testing.assert_array_equal(few, many[:7])
    assert few.dtype == np.float32 and few.shape == (7, 20) and not np.array_equal(few, images[:7])


@pytest.mark.parametrize("kind", ["masking", "salt_and_pepper"])
def test_the_pixels_that_are_hit_are_as_many_as_the_amount_says_and_stay_hit_at_a_larger_one(kind):
    images = np.full((400, 20), 100, np.uint8)
    few, many = (degraded(images, kind, amount) != datasets.unit(images) for amount in (0.2, 0.5))
    assert (few <= many).all()
    for hit, amount in ((few, 0.2), (many, 0.5)):
        error = np.sqrt(amount * (1 - amount) / hit.size)
        assert hit.mean() == pytest.approx(amount, rel=0, abs=STANDARD_ERRORS * error)


def test_occlusion_covers_one_rectangle_that_lies_in_the_image_at_every_place():
    images = np.zeros((300, 20), np.uint8)
    covered = (degraded(images, "occlusion", 0.3) == degradation.COVER).reshape(-1, *SHAPE)
    rows, columns = degradation.sides_of_cover(SHAPE, 0.3)
    assert (rows, columns) == (3, 2)
    assert (covered.sum(axis=(1, 2)) == rows * columns).all()
    assert (covered.any(axis=2).sum(axis=1) == rows).all() and (covered.any(axis=1).sum(axis=1) == columns).all()
    places = {(int(one.any(axis=1).argmax()), int(one.any(axis=0).argmax())) for one in covered}
    assert places == {(row, column) for row in range(3) for column in range(3)}


def test_a_blur_is_scipys():
    from scipy.ndimage import gaussian_filter

    image = np.random.default_rng(2).random((28, 20))
    down, across = degradation.blurring(image.shape, 0.05)
    expected = gaussian_filter(image, 0.05 * 28, mode="constant", truncate=28)
    np.testing.assert_allclose(down @ image @ across.T, expected, atol=1e-12)


def test_clipped_noise_is_the_noise_clipped():
    images = grey_images(20)
    np.testing.assert_array_equal(
        degraded(images, "gaussian_clipped", 0.4), np.clip(degraded(images, "gaussian", 0.4), 0, 1)
    )


# -- the Wiener filter -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", DRAWN)
def test_nothing_is_left_in_the_error_of_the_wiener_filter_that_an_affine_map_could_explain(kind):
    """That makes it the best affine map: its error has the mean 0 and is uncorrelated with every degraded pixel."""
    images, draws, amount = grey_images(60), 200, DRAWN[kind]
    matrix, offset = wiener.filter_of(kind, amount, SHAPE, wiener.moments_of(images), images)
    repeated = np.tile(images, (draws, 1))
    seen = degraded(repeated, kind, amount).astype(np.float64)
    left = datasets.unit(repeated) - (seen @ matrix + offset)
    products = left[:, :, None] * np.concatenate([np.ones((len(seen), 1)), seen], axis=1)[:, None, :]
    error = products.std(axis=0) / np.sqrt(len(seen))
    assert (np.abs(products.mean(axis=0)) <= STANDARD_ERRORS * error + 1e-7).all()
    assert (left**2).mean() < ((datasets.unit(repeated) - seen) ** 2).mean()


def test_the_wiener_filter_of_a_blur_undoes_it_as_far_as_grey_levels_tell():
    """What a fit to the blurred images themselves finds is the least error; the roundings are not quite independent."""
    from aelab.inference import linear

    images = grey_images(3000)
    clean, seen = datasets.unit(images), degraded(images, "blur", 0.3)
    matrix, offset = wiener.filter_of("blur", 0.3, SHAPE, wiener.moments_of(images), images)
    fitted, fitted_offset = linear.wiener_filter(clean, seen)
    errors = [((seen @ m + o - clean) ** 2).mean() for m, o in ((fitted, fitted_offset), (matrix, offset))]
    assert errors[0] <= errors[1] * (1 + 1e-4) and errors[1] < 1.1 * errors[0] < ((seen - clean) ** 2).mean() / 10


@pytest.mark.parametrize(("mean", "deviation"), [(0.0, 0.05), (0.3, 0.4), (1.0, 1.0)])
def test_the_moments_of_a_clipped_normal_variable_are_those_of_its_density(mean, deviation):
    middles = (np.arange(2_000_000) + 0.5) / 1_000_000 * 9 - 9  # of 18 standard deviations
    density = np.exp(-(middles**2) / 2) / np.sqrt(2 * np.pi) * 9 / 1_000_000
    values = np.clip(mean + deviation * middles, 0, 1)
    expected, squares = wiener.clipped_normal(np.array([mean]), deviation)
    assert expected[0] == pytest.approx((values * density).sum(), rel=1e-6)
    assert squares[0] == pytest.approx((values**2 * density).sum(), rel=1e-6)


def test_an_unknown_degradation_is_refused():
    images = grey_images(9)
    with pytest.raises(ValueError, match="no degradation of kind 'fog'"):
        wiener.filter_of("fog", 0.1, SHAPE, wiener.moments_of(images), images)
    with pytest.raises(ValueError, match="no corruption of kind 'fog'"):
        degraded(images, "fog", 0.1)


# -- the limit -------------------------------------------------------------------------------------


def test_of_two_images_the_best_estimate_is_a_hyperbolic_tangent_between_them():
    known = grey_images(2)
    first, second = known / 255
    noisy = degraded(np.repeat(known, 50, axis=0), "gaussian", 0.5)
    middle, half = (first + second) / 2, (first - second) / 2
    expected = middle + half * np.tanh((noisy - middle) @ half / 0.5**2)[:, None]
    np.testing.assert_allclose(posterior.best_estimates(known, noisy, 0.5, clipped=False), expected, atol=1e-9)


@pytest.mark.parametrize("seen", [0.0, 0.25, 1.0])
def test_a_clipped_pixel_tells_only_that_it_was_clipped(seen):
    known = np.array([[51], [204]], np.uint8)  # 0.2 and 0.8
    noise = [NormalDist(level, 0.3) for level in (0.2, 0.8)]
    likelihood = {0.0: lambda n: n.cdf(0), 1.0: lambda n: 1 - n.cdf(1)}.get(seen, lambda n: n.pdf(seen))
    weights = np.array([likelihood(one) for one in noise])
    expected = weights @ [0.2, 0.8] / weights.sum()
    found = posterior.best_estimates(known, np.array([[seen]], np.float32), 0.3, clipped=True)
    assert found[0, 0] == pytest.approx(expected)


@pytest.mark.parametrize("kind", ["gaussian", "gaussian_clipped"])
def test_the_limit_is_below_the_best_linear_error_on_the_same_images(kind):
    images = grey_images(80)
    matrix, offset = wiener.filter_of(kind, 0.3, SHAPE, wiener.moments_of(images), images)
    clean, seen = datasets.unit(images), degraded(images, kind, 0.3)
    best = posterior.best_estimates(images, seen, 0.3, kind == "gaussian_clipped")
    assert ((best - clean) ** 2).mean() < ((np.clip(seen @ matrix + offset, 0, 1) - clean) ** 2).mean()


# -- blind training --------------------------------------------------------------------------------


def test_a_blind_model_sees_each_image_with_an_amount_of_its_own():
    tensorflow = pytest.importorskip("tensorflow")
    from aelab.kinds import architectures

    layers = {"widths": [3], "activations": ["relu"]}, {"widths": [784], "activations": ["sigmoid"]}
    entry = {"kind": "blind", "image_shape": (28, 28), "loss": "mse", "encoder": layers[0], "decoder": layers[1]}
    model = architectures.create({**entry, "amounts": [0.2, 0.6]})
    images = tensorflow.zeros((500, 784))
    noise, same, other = (model.noisy(images, tensorflow.constant([7, n])).numpy() for n in (0, 0, 1024))
    np.testing.assert_array_equal(noise, same)
    assert (noise != other).mean() > 0.99
    found = noise.std(axis=1)
    error = 0.6 / np.sqrt(2 * 784)
    assert (found > 0.2 - STANDARD_ERRORS * error).all() and (found < 0.6 + STANDARD_ERRORS * error).all()
    spread = 0.4 / np.sqrt(12)
    assert found.mean() == pytest.approx(0.4, rel=0, abs=STANDARD_ERRORS * (spread + error) / np.sqrt(500))
    assert found.std() == pytest.approx(spread, rel=0, abs=STANDARD_ERRORS * spread / np.sqrt(500) + error)
    scaled = noise / found[:, None]
    assert np.abs(np.corrcoef(scaled[:, 0], scaled[:, 1])[0, 1]) < STANDARD_ERRORS / np.sqrt(500)
    assert float(model.loss(images, images, tensorflow.constant([7, 0]), True)) > 0


# -- tables and answers ----------------------------------------------------------------------------


class Unchanged:
    """A model that gives back what it sees, and a judge that reads whether an image is bright."""

    def reconstruct(self, images):
        return images

    def read(self, images):
        return (images.mean(axis=1) > 0.5).astype(int), None


def test_a_model_that_changes_nothing_has_the_error_of_the_degradation():
    images, one = datasets.unit(grey_images(40)), Unchanged()
    settings = {"degradations": {"masking": [0.5], "gaussian": [0.1, 0.4]}, "draw": 2, "read": 10, "shown_image": 3}
    labels = one.read(images)[0]
    table, shown = measure_degraded.measured(one, images, labels, SHAPE, one, settings)
    assert list(zip(table["kind"], table["amount"], strict=True)) == [
        ("gaussian", 0.1),
        ("gaussian", 0.4),
        ("masking", 0.5),
    ]
    seen = degradation.drawn(images, SHAPE, "gaussian", 0.4, 2)
    assert table["mse"][1] == pytest.approx(((seen - images) ** 2).mean())
    assert table["accuracy"][1] == (one.read(seen[:10])[0] == labels[:10]).mean()
    np.testing.assert_array_equal(shown["restored"][1], seen[3])
    assert shown["read_as"].shape == (3,)


def of_case(name, kind, amount, mse):
    return {"name": name, "kind": kind, "amount": amount, "mse": mse, "psnr": -10 * np.log10(mse), "accuracy": 1 - mse}


def degradations():
    """Two models and the references on two kinds of degradation."""
    values = {
        "nothing": ([0.01, 0.1], [0.02, 0.2]),
        "mean_image": ([0.06, 0.09], [0.06, 0.06]),
        "wiener_filter": ([0.005, 0.01], [0.01, 0.05]),
        "limit": ([0.001, 0.002], None),
        "low": ([0.002, 0.08], [0.03, 0.1]),
        "high": ([0.02, 0.005], [0.04, 0.3]),
    }
    rows = {
        name: pd.DataFrame(
            of_case(name, kind, amount, mse)
            for kind, errors in zip(("gaussian", "masking"), pair, strict=True)
            if errors
            for amount, mse in zip((0.1, 1), errors, strict=True)
        )
        for name, pair in values.items()
    }
    references = pd.concat([rows[name] for name in ("nothing", "mean_image", "wiener_filter", "limit")])
    members = [{"name": "low", "group": "corrected"}, {"name": "high", "group": "baselines"}]
    measured = [rows[member["name"]].drop(columns="name") for member in members]
    return tabulate_degradations.together(references, members, measured)


def test_gains_are_beyond_doing_nothing_and_images_that_stay_as_they_are_do_not_rule_them():
    table = degradations().set_index(["name", "kind", "amount"]).sort_index()
    assert (table.loc["nothing", "gain"] == 0).all()
    assert table.loc[("low", "gaussian", 0.1), "gain"] == pytest.approx(10 * np.log10(0.01 / 0.002))
    assert table.loc[("high", "masking", 1), "gain"] == pytest.approx(10 * np.log10(0.2 / 0.3))
    assert table.loc["low", "group"].unique().tolist() == ["corrected"]
    errors = np.array([0, 0.02])  # one of two images is not hit: its PSNR is 120, however little it is
    references = pd.DataFrame([{**of_case(name, "masking", 0.05, errors.mean()), "psnr": measures.psnr_of(errors)}
                               for name in ("nothing", "mean_image")])  # fmt: skip
    measured = pd.DataFrame([of_case("one", "masking", 0.05, 0.005)]).drop(columns="name")
    table = tabulate_degradations.together(references, [{"name": "one", "group": "corrected"}], [measured])
    assert table["gain"].tolist() == pytest.approx([0, 0, 10 * np.log10(0.01 / 0.005)])


def test_answers_count_where_a_model_helps_and_where_it_beats_the_wiener_filter():
    found = answer_robustness.of_degradations(degradations())
    assert (found["low.gaussian.helps"], found["low.gaussian.beats_wiener"]) == (1, 0.5)
    assert (found["high.gaussian.helps"], found["high.masking.helps"]) == (0.5, 0)
    assert found["low.masking.helps"] == 0  # at 1 it is better than doing nothing, but not than the mean image
    assert found["low.masking.gain"] == pytest.approx(5 * np.log10(0.02 / 0.03 * 0.2 / 0.1))
    assert found["low.masking.accuracy_gain"] == pytest.approx((0.02 - 0.03 + 0.2 - 0.1) / 2)
    assert found["high.gaussian.at_0_1.mse"] == 0.02
    assert (found["models"], found["gaussian.models_that_help"], found["masking.models_that_help"]) == (2, 1, 0)
    assert found["models_below_limit"] == 0
    table = degradations()
    table.loc[(table["name"] == "high") & (table["amount"] == 1) & (table["kind"] == "gaussian"), "mse"] = 0.0015
    assert answer_robustness.of_degradations(table)["models_below_limit"] == 1


def test_specialists_are_ranked_at_every_amount_and_the_blind_model_beside_them():
    table = degradations()
    blind = pd.DataFrame(of_case("blind", "gaussian", amount, mse) for amount, mse in ((0.1, 0.004), (1, 0.004)))
    table = pd.concat([table, blind.assign(group="corrected", gain=0.0)])
    compared = compare_specialists.compared(table, ["low", "high"], [0.1, 1], ["blind"])
    assert compared["name"].tolist() == ["low"] * 2 + ["high"] * 2 + ["blind"] * 2 + ["wiener_filter"] * 2
    assert compared["rank"].tolist()[:6] == [1, 3, 3, 2, 2, 1]
    assert compared["behind"].tolist()[:6] == pytest.approx(
        [0, 10 * np.log10(20), 10, 10 * np.log10(1.25), 10 * np.log10(2), 0]
    )
    found = answer_robustness.of_specialists(compared, ["blind"])
    assert (found["low.rank_at_own"], found["high.rank_at_own"], found["specialists.best_at_own"]) == (1, 1, 2)
    assert found["blind.costs.first"] == found["blind.costs.low"] == pytest.approx(10 * np.log10(2))
    assert found["blind.costs.last"] == found["blind.costs.least"] == pytest.approx(-10 * np.log10(1.25))
    assert found["high.most_behind"] == pytest.approx(10)
    without = answer_robustness.of_specialists(compare_specialists.compared(table, ["low"], [0.1], []), [])
    assert not [name for name in without if name.startswith("blind")]


# -- the configuration -----------------------------------------------------------------------------


def configured(change):
    """The default configuration with a change of its content."""
    config = copy.deepcopy(WRITTEN)
    change(config)
    return config


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"baselines": ["deep_128_layer_2"]}, "baselines.0"),
        ({"specialists": ["dense_2"]}, "specialists.0"),
        ({"specialists": ["single_128"]}, "specialists.0"),
        ({"specialists": ["single_128_noise_1", "single_128_noise_0_1"]}, "specialists"),
        ({"blind": ["dense_2"]}, "blind.0"),
        ({"blind": ["single_128_blind", "single_128"]}, "blind"),
        ({"curves": ["dense_2"]}, "curves.0"),
        ({"degradations": {"gaussian": [0.4, 0.1]}}, "degradations.gaussian"),
        ({"degradations": {"gaussian": [0.4], "masking": [1.5]}}, "degradations.masking.0"),
        ({"degradations": {"gaussian": [0.4], "fog": [0.5]}}, "degradations.fog"),
        ({"images": 100, "read": 101}, "read"),
        ({"images": 600, "shown_image": 600}, "shown_image"),
    ],
)
def test_settings_that_make_no_sense_are_refused(changes, key):
    config = configured(lambda config: config["studies"]["robustness"].update(changes))
    with pytest.raises(ConfigurationError, match=f"studies.robustness.{key}".replace(".", r"\.")):
        configuration.load(config)


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"amounts": [1, 0.05]}, "amounts"),
        ({"amounts": [0.05]}, "amounts"),
        ({"corruption": "noise_unclipped"}, "corruption"),
        ({"decoder": {"widths": [783], "activations": ["sigmoid"]}}, "decoder.widths"),
    ],
)
def test_a_blind_model_that_makes_no_sense_is_refused(changes, key):
    config = configured(lambda config: config["models"]["single_128_blind"].update(changes))
    with pytest.raises(ConfigurationError, match=f"models.single_128_blind.{key}".replace(".", r"\.")):
        configuration.load(config)


def test_the_configuration_as_it_is_has_ten_amounts_of_every_kind():
    config = configuration.load(configured(lambda config: None))
    amounts = config["studies"]["robustness"]["degradations"]
    assert {kind: len(own) for kind, own in amounts.items()} == dict.fromkeys(degradation.AMOUNTS, 10)

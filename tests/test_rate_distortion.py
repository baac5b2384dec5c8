"""Rates, bounds and binary images against closed forms, independent computations and limits."""

import answer_rate_distortion
import bound_evidence
import measure_rates
import numpy as np
import pandas as pd
import plot_rates
import pytest
import quantise_pca
import small
from rounding import STANDARD_ERRORS

from aelab.analysis import importance, measures, rates
from aelab.data import binarisation, datasets
from aelab.errors import ConfigurationError
from aelab.kinds import architectures
from aelab.kinds.models import model_of
from aelab.plan import configuration

PIXELS = 64


# -- importance-weighted bounds --------------------------------------------------------------------


class LinearGaussian:
    """x = W z + b + noise of variance s^2, z ~ N(0, I): evidence and posterior are known exactly."""

    def __init__(self, seed=1, pixels=6, size=3, noise=0.7, orthogonal=False):
        draw = np.random.default_rng(seed)
        self.weights = draw.normal(size=(pixels, size))
        if orthogonal:  # then the posterior has a diagonal covariance
            self.weights = np.linalg.qr(self.weights)[0] * [1.5, 1, 0.5]
        self.offset, self.noise = draw.normal(size=pixels), noise
        self.x = self.offset + self.weights @ draw.normal(size=size) + noise * draw.normal(size=pixels)
        self.precision = np.eye(size) + self.weights.T @ self.weights / noise**2
        self.mean = np.linalg.solve(self.precision, self.weights.T @ (self.x - self.offset)) / noise**2

    def log_likelihood(self, codes):
        misfit = ((self.x - self.offset - codes @ self.weights.T) ** 2).sum(axis=1)
        return -0.5 * (misfit / self.noise**2 + len(self.x) * np.log(2 * np.pi * self.noise**2))

    @property
    def log_evidence(self):
        covariance = self.weights @ self.weights.T + self.noise**2 * np.eye(len(self.x))
        distance = (self.x - self.offset) @ np.linalg.solve(covariance, self.x - self.offset)
        return -0.5 * (distance + np.linalg.slogdet(2 * np.pi * covariance)[1])

    def elbo(self, mean, log_sigma):
        """In closed form: the expected log-likelihood minus the divergence."""
        spread = (self.weights**2 @ np.exp(2 * log_sigma)).sum() / self.noise**2
        return self.log_likelihood(mean[None])[0] - spread / 2 - measures.kl_per_dimension(mean, log_sigma).sum()


def test_with_the_exact_posterior_every_weight_is_the_evidence():
    model = LinearGaussian(orthogonal=True)
    log_sigma = -0.5 * np.log(np.diag(model.precision))
    draw = np.random.default_rng(2)
    weights = importance.log_weights(model.log_likelihood, model.mean, log_sigma, 70, draw, at_once=32)
    # Codes pass through float32, whose rounding is 2^-24 of a code of about 2; slopes of log p(x|z) are below 10.
    assert weights == pytest.approx(model.log_evidence, rel=0, abs=1e-5)


def test_many_samples_find_the_evidence_of_a_linear_gaussian_model():
    model = LinearGaussian()
    log_sigma = np.full(3, -0.7)
    draw = np.random.default_rng(3)
    weights = importance.log_weights(model.log_likelihood, model.mean + 0.1, log_sigma, 50_000, draw)
    ratios = np.exp(weights - model.log_evidence)
    error = ratios.std() / np.sqrt(len(ratios))
    assert ratios.mean() == pytest.approx(1, rel=0, abs=STANDARD_ERRORS * error)
    assert error < 0.05
    assert importance.bounds(weights, [50_000])[0] == pytest.approx(np.log(ratios.mean()) + model.log_evidence)


def test_one_sample_gives_the_elbo():
    model, log_sigma = LinearGaussian(), np.array([-0.7, -0.2, -1.0])
    weights = importance.log_weights(
        model.log_likelihood, model.mean - 0.2, log_sigma, 40_000, np.random.default_rng(4)
    )
    error = weights.std() / np.sqrt(len(weights))
    exact = model.elbo(model.mean - 0.2, log_sigma)
    assert importance.bounds(weights, [1])[0] == pytest.approx(exact, rel=0, abs=STANDARD_ERRORS * error)
    assert exact < model.log_evidence


def test_bounds_grow_with_the_number_of_samples_and_stay_below_the_evidence():
    model, counts = LinearGaussian(noise=0.2), [1, 5, 50, 500, 5000]
    draws = [
        importance.log_weights(model.log_likelihood, model.mean, np.full(3, -2.5), 5000, np.random.default_rng(seed))
        for seed in range(20)
    ]
    found = importance.bounds(np.array(draws), counts)
    assert found.shape == (20, 5)
    assert (np.diff(found, axis=1) > 0).all()
    means, errors = found.mean(axis=0), found.std(axis=0) / np.sqrt(20)
    assert (means <= model.log_evidence + STANDARD_ERRORS * errors).all()
    assert means[0] < model.log_evidence < means[-1] + 0.5


def test_bounds_neither_overflow_nor_underflow():
    weights = np.array([-2000.0, -2000.0 + np.log(3)])
    assert importance.bounds(weights, [1, 2]) == pytest.approx([-2000 + np.log(3) / 2, -2000 + np.log(2)])


@pytest.mark.parametrize("pixels", [1, 64, 112, 113, 784])
def test_the_likelihood_of_binary_pixels_is_their_cross_entropy(pixels):
    draw = np.random.default_rng(5)
    image = (draw.random(pixels) < 0.4).astype(np.float32)
    logits = (8 * draw.standard_normal((7, pixels))).astype(np.float32)
    logits[0], logits[1] = 0, 90  # all terms as large as they can be; exponentials that float32 cannot hold
    exact = -measures.cross_entropy_of_logits_per_image(np.repeat(image[None], 7, axis=0), logits)
    found = importance.log_likelihood_of_binary(image, logits)
    assert found == pytest.approx(exact, rel=1e-5, abs=1e-4)


def test_bounds_are_carried_to_all_images_by_what_they_gain():
    negative = np.array([[100.0, 98.0], [110.0, 107.0], [90.0, 89.0]])
    first, last = bound_evidence.summarised(negative, np.array([100.0, 110.0, 90.0, 120.0]))
    assert (first["nats"], first["nats_of_all"]) == (100, 105)
    assert (last["nats"], last["nats_of_all"]) == (98, 103)
    of_elbos, of_gains = np.std([100, 110, 90, 120], ddof=1) / 2, np.std([2, 3, 1], ddof=1) / np.sqrt(3)
    shared = 10 / 4  # covariance of the first ELBOs and their gains, over the number of all images
    assert last["error_of_all"] == pytest.approx(np.sqrt(of_elbos**2 + of_gains**2 - 2 * shared))


# -- rates -----------------------------------------------------------------------------------------


def test_the_gaussian_curve_of_equal_variances_has_its_closed_form():
    """k components of variance v: k/2 log(v / d), and no rate once d is v."""
    found, errors = rates.gaussian_curve(np.full(5, 2.0), [0.25, 1, 2, 3])
    assert found == pytest.approx([2.5 * np.log(8), 2.5 * np.log(2), 0, 0])
    assert errors == pytest.approx([1.25, 5, 10, 10])


def test_the_slope_of_the_gaussian_curve_is_that_of_its_level():
    """dR/dD = -1/(2 level), the Lagrange multiplier of reverse water-filling."""
    variances = np.array([5.0, 2.0, 0.5, 0.1])
    found, errors = rates.gaussian_curve(variances, [0.3 - 1e-6, 0.3 + 1e-6])
    assert np.diff(found) / np.diff(errors) == pytest.approx(-1 / 0.6, rel=1e-5)


def test_the_rate_at_an_error_is_on_the_gaussian_curve():
    variances = np.array([5.0, 2.0, 0.5, 0.1, 0])
    found, errors = rates.gaussian_curve(variances, [0.01, 0.2, 1.3])
    assert [rates.rate_at(error, variances) for error in errors] == pytest.approx(found)
    assert rates.rate_at(7.6, variances) == 0


def test_covariance_is_that_of_numpy():
    images = np.random.default_rng(6).integers(0, 256, (50, 9), dtype=np.uint8)
    mean, covariance = rates.covariance(images, batch_size=7)
    assert mean == pytest.approx(images.mean(axis=0) / 255)
    assert covariance == pytest.approx(np.cov(images.T / 255, bias=True), abs=1e-12)


def test_symbols_of_known_frequencies_cost_their_entropy():
    """Counted often enough, what is added for numbers that may be missing does not matter."""
    symbols = np.repeat([0, 1, 2], [50_000, 25_000, 25_000])
    assert rates.cost_of_symbols(symbols, symbols) == pytest.approx(1.5 * np.log(2), rel=1e-4)
    assert rates.cost_of_symbols(np.array([3, 3, 5]), np.array([4])) == pytest.approx(np.log(6))


def test_fano_allows_nothing_but_guessing_without_a_rate_and_everything_with_enough():
    equal = np.full(10, 0.1)
    assert rates.best_accuracy(0, equal) == pytest.approx(0.1)
    assert rates.best_accuracy(np.log(10), equal) == rates.best_accuracy(50, equal) == 1
    half = rates.best_accuracy(1, equal)
    left = rates.entropy([half, 1 - half]) + (1 - half) * np.log(9)
    assert 0.1 < half < 1 and left == pytest.approx(np.log(10) - 1)


def test_no_channel_beats_fano():
    """Classes seen through noise, guessed as well as possible: accuracy against mutual information, both exact."""
    draw = np.random.default_rng(7)
    for _ in range(50):
        joint = draw.dirichlet(np.full(40, draw.uniform(0.05, 2))).reshape(4, 10)
        information = rates.entropy(joint.sum(0)) + rates.entropy(joint.sum(1)) - rates.entropy(joint.ravel())
        assert joint.max(axis=0).sum() <= rates.best_accuracy(information, joint.sum(1)) + 1e-12


def test_slopes_between_optima_lie_between_their_betas():
    """Of D = exp(-R), the optimum of D + beta R is at R = -log(beta)."""
    betas = np.array([0.05, 0.1, 0.3, 0.7])
    slopes = rates.slopes(-np.log(betas), betas)
    assert ((slopes > betas[:-1]) & (slopes < betas[1:])).all()
    assert np.isnan(rates.slopes(np.array([1.0, 1.0]), np.array([2.0, 2.0]))).all()


def test_equal_sums_are_found_on_both_sides():
    # The sums are 9, 6, 5, 7: on the left, 7 is a third of the way from 6 to 9.
    larger, smaller = rates.at_equal_sum(np.array([8.0, 5, 3, 1]), np.array([1.0, 1, 2, 6]))
    assert (larger, smaller) == pytest.approx((6, 1))
    assert np.isnan(rates.at_equal_sum(np.array([3.0, 2, 1]), np.array([1.0, 3, 5]))).all()


def test_rounded_components_cost_more_the_finer_they_are_and_err_less():
    draw = np.random.default_rng(8)
    images = np.clip(0.5 + draw.normal(size=(400, 3)) @ draw.normal(size=(3, 16)) / 8, 0, 1).astype(np.float32)
    mean = images.mean(axis=0)
    variances, vectors = quantise_pca.components(np.cov(images.T, bias=True))
    codes, back = (images - mean) @ vectors, (vectors.T.astype(np.float32), mean)
    assert (np.diff(variances) <= 0).all() and codes.var(axis=0) == pytest.approx(variances, rel=1e-3, abs=1e-6)
    rows = [quantise_pca.quantised(codes, codes, images, back, step) for step in (0.01, 0.1, 1, 50)]
    assert (np.diff([row["rate"] for row in rows]) < 0).all()
    assert (np.diff([row["mse"] for row in rows]) > 0).all()
    assert rows[0]["mse"] < 0.01**2 / 12 * 1.1  # at most that of a uniform error in every one of 16 components
    assert (rows[-1]["rate"], rows[-1]["components"]) == (0, 0)
    assert rows[-1]["mse"] == pytest.approx(images.var(axis=0).mean(), rel=1e-4)  # the mean image


# -- binary images ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def grey():
    """Images of every grey value, 8 x 8."""
    return np.random.default_rng(9).integers(0, 256, (4000, PIXELS), dtype=np.uint8)


@pytest.mark.parametrize("how", ["fixed", "drawn"])
def test_binary_pixels_have_the_grey_values_as_probabilities(grey, how):
    binary = binarisation.fixed(grey) if how == "fixed" else binarisation.drawn(grey, "a test")
    assert set(np.unique(binary)) == {0, 1}
    for low in range(0, 256, 32):
        chosen = (grey >= low) & (grey < low + 32)
        p = datasets.unit(grey[chosen]).astype(np.float64)
        error = np.sqrt((p * (1 - p)).sum()) / chosen.sum()
        assert binary[chosen].mean() == pytest.approx(p.mean(), rel=0, abs=STANDARD_ERRORS * error)
    assert (binary[grey == 0] == 0).all() and (binary[grey == 255] == 1).all()


def test_fixed_images_depend_on_the_image_alone(grey):
    rows = np.array([5, 0, 77])
    assert (binarisation.fixed(grey[rows]) == binarisation.fixed(grey)[rows]).all()
    changed = grey[:1].copy()
    changed[0, 0] ^= 1
    assert (binarisation.thresholds(changed) == binarisation.thresholds(grey[:1])).mean() < 0.1


def test_thresholds_are_uniform_and_independent(grey):
    found = binarisation.thresholds(grey)
    counts = np.histogram(found, bins=20, range=(0, 1))[0]
    expected = found.size / 20
    assert ((counts - expected) ** 2 / expected).sum() < 19 + STANDARD_ERRORS * np.sqrt(2 * 19)
    correlations = np.corrcoef(found.T)[np.triu_indices(PIXELS, 1)]
    assert np.abs(correlations).max() < 6 / np.sqrt(len(grey))
    assert np.abs(np.corrcoef(found[:100])[np.triu_indices(100, 1)]).max() < 6 / np.sqrt(PIXELS)


def test_images_are_drawn_by_name(grey):
    first = binarisation.drawn(grey, 1)
    assert (first == binarisation.drawn(grey, 1)).all() and (first != binarisation.drawn(grey, 2)).any()


# -- the kind beta_vae -----------------------------------------------------------------------------


def entry(**changes):
    hidden = {"widths": [9], "activations": ["softplus"]}
    found = {"kind": "beta_vae", "image_shape": (8, 8), "encoder": hidden, "code_size": 3, "decoder": hidden}
    return {**found, "heads": "joint", "log_epsilon": 0, "beta": 1, "pixels": "grey"} | changes


def test_in_the_graph_fixed_images_are_the_same(grey):
    from aelab.kinds.beta_vae.architecture import thresholds_of

    assert (thresholds_of(datasets.unit(grey)).numpy() == binarisation.thresholds(grey)).all()


def test_with_beta_1_and_grey_pixels_it_is_the_kind_vae(grey):
    import keras

    images, seed, losses = datasets.unit(grey[:50]), np.array([3, 4], np.int32), []
    for kind in ("beta_vae", "vae"):
        keras.utils.set_random_seed(1)
        losses.append(float(architectures.create(entry(kind=kind)).loss(images, images, seed, True)))
    assert losses[0] == losses[1]


def test_beta_weighs_the_divergence_alone(grey):
    import keras

    images, seed, losses = datasets.unit(grey[:50]), np.array([3, 4], np.int32), {}
    for beta in (0, 1, 4):
        keras.utils.set_random_seed(1)
        model = architectures.create(entry(beta=beta))
        losses[beta] = float(model.loss(images, images, seed, True))
        mean, log_sigma = (each.numpy().astype(np.float64) for each in model.statistics(images))
    divergence = measures.kl_per_dimension(mean, log_sigma).sum(axis=1).mean()
    assert losses[1] - losses[0] == pytest.approx(divergence, rel=1e-4)
    assert losses[4] - losses[0] == pytest.approx(4 * divergence, rel=1e-4)


@pytest.mark.parametrize("pixels", ["drawn", "fixed"])
def test_it_learns_binary_images_made_of_grey_ones(grey, pixels):
    import keras

    keras.utils.set_random_seed(1)
    model = architectures.create(entry(pixels=pixels))
    images, one, other = datasets.unit(grey), np.array([3, 4], np.int32), np.array([3, 5], np.int32)
    binary, again = (model.binary(images, seed).numpy() for seed in (one, other))
    assert set(np.unique(binary)) == {0, 1}
    assert (binary == again).all() == (pixels == "fixed")
    assert binary.mean() == pytest.approx(images.mean(), abs=0.01)
    model.entry = model.entry | {"pixels": "grey"}
    plain = float(model.loss(binary, binary, one, True))
    model.entry = model.entry | {"pixels": pixels}
    assert float(model.loss(images, images, one, True)) == pytest.approx(plain, rel=1e-6)


# -- the study -------------------------------------------------------------------------------------


def ignoring(images, labels):
    """A variational model whose code says nothing and whose decoder always gives the mean image; and a judge."""
    mean = images.mean(axis=0, dtype=np.float64)
    logits = np.log(mean / (1 - mean)).astype(np.float32)
    arrays = {"e/w": np.zeros((PIXELS, 4), np.float32), "e/b": np.zeros(4, np.float32)}
    arrays |= {"d/w": np.zeros((2, PIXELS), np.float32), "d/b": logits}
    networks = {
        "encoder": [{"layer": "Dense", "weights": ["e/w", "e/b"]}],
        "decoder": [{"layer": "Dense", "weights": ["d/w", "d/b"]}],
    }
    description = {"family": "variational", "networks": networks, "output": "sigmoid", "trained": [*arrays]}
    judge = type("Judge", (), {"read": lambda self, x: (np.zeros(len(x), int), np.ones(len(x)))})()
    return model_of(description | {"input_size": PIXELS, "log_sigma_of_spread": 0.5}, arrays), judge


def test_rate_0_costs_the_mean_image(grey):
    images, labels = datasets.unit(grey), np.arange(len(grey)) % 10
    model, judge = ignoring(images, labels)
    row, decoded = measure_rates.priced(model, images, labels, judge, np.random.default_rng(1))
    floors = measure_rates.floors(grey, images)
    assert row["rate"] == row["active_units"] == 0
    assert row["distortion"] == pytest.approx(floors["own_mean_image"], rel=1e-6)
    assert floors["floor"] < floors["own_mean_image"] == pytest.approx(floors["mean_image"])
    assert row["mse"] == pytest.approx(floors["mean_image_mse"], rel=1e-5)
    assert row["read"] == 0.1 == pytest.approx(row["best_accuracy"])
    assert decoded.shape == images.shape


def member(name, beta=1, size=20, group="corrected"):
    return {"name": name, "group": group, "beta": beta, "code_size": size}


def test_each_model_takes_part_in_its_comparisons():
    members = [member("published", group="published"), member("low", 0.1), member("one"), member("wide")]
    members += [member("high", 9), member("small", size=2), member("other", size=2, group="baselines")]
    assert measure_rates.roles(members) == ["other", "beta", "both", "other", "beta", "size", "other"]
    assert measure_rates.roles([members[0]]) == ["other"]


def rates_table(**columns):
    table = pd.DataFrame(columns)
    return table.assign(negative_elbo=table["rate"] + table["distortion"])


def test_what_beta_does_is_counted():
    table = rates_table(
        name=list("abcd"),
        role=["beta", "both", "beta", "size"],
        beta=[0.5, 1, 4, 1],
        code_size=[20, 20, 20, 40],
        rate=[30.0, 20, 10, 25],
        distortion=[70.0, 77, 100, 74],
        active_units=[20, 15, 5, 10],
    )
    found = dict(answer_rate_distortion.of_series(table))
    assert found["betas.models"] == 3 and found["betas.best"] == 1
    assert found["betas.rate_falls"] == found["betas.distortion_rises"] == found["betas.neighbours"] == 2
    assert found["betas.slopes_between"] == 2  # 0.7 and 2.3
    assert (found["equal_elbo.larger_rate"], found["equal_elbo.smaller_rate"]) == pytest.approx((30, 20 - 10 * 3 / 13))
    assert found["sizes.share_active_of_largest"] == 0.25
    assert dict(answer_rate_distortion.of_series(table[table["name"] == "d"])) == {}
    collapsed = table[:1].assign(name="e", beta=9.0, rate=1e-5, distortion=120.0)
    further = pd.concat([table, collapsed, collapsed.assign(name="f", beta=20, rate=2e-5)])
    found = dict(answer_rate_distortion.of_series(further))
    assert found["betas.rate_falls"] == found["betas.neighbours"] == 3


def test_what_beats_a_limit_is_counted():
    table = rates_table(
        name=list("ab"), rate=[5.0, 0.1], distortion=[44.0, 100], read=[0.9, 0.3], best_accuracy=[1, 0.2]
    )
    found = dict(answer_rate_distortion.of_limits(table, {"floor": 45.5, "own_mean_image": 99.0}))
    assert found["limits.below_floor"] == found["limits.read_too_well"] == 1
    assert found["least_rate.excess"] == pytest.approx(1.1)


def test_worse_bounds_are_counted():
    table = pd.DataFrame(
        {
            "model": ["m"] * 3,
            "binarisation": ["fixed"] * 3,
            "images": 9,
            "samples": [1, 5, 50],
            "nats": [90.0, 88, 89],
            "nats_of_all": [91.0, 89, 90],
            "error_of_all": 0.1,
        }
    )
    found = dict(answer_rate_distortion.of_bounds(table))
    assert found["bounds.falls"] == 1 and found["bounds.m.fixed.gain"] == 1
    assert found["bounds.m.fixed.50"] == 90 and found["bounds.m.fixed.50.first_images"] == 89
    assert answer_rate_distortion.of_bounds(table[:0]) == []


def test_points_on_a_line_of_the_figure_have_the_same_elbo():
    table = rates_table(
        name=["a", "b"], role=["both", "beta"], beta=[1, 2], code_size=20, rate=[20.0, 12], distortion=[80.0, 95],
        mse=[0.01, 0.02],
    )  # fmt: skip
    floors = pd.Series({"floor": 45.0, "mean_image": 206.0, "mean_image_mse": 0.07})
    curve = pd.DataFrame({"rate": [50.0, 10, 0], "mse": [0.01, 0.03, 0.07]})
    figure = plot_rates.draw(table, floors, curve, curve)
    lines = [line for line in figure.axes[0].lines if len(line.get_xdata()) == 2 and line.get_alpha() == 0.13]
    sums = [np.unique(np.round(np.add(line.get_xdata(), line.get_ydata()), 9)) for line in lines]
    assert len(sums) > 3 and all(len(each) == 1 for each in sums)
    dashed = [line for line in figure.axes[0].lines if "the best" in str(line.get_label())]
    assert np.add(dashed[0].get_xdata(), dashed[0].get_ydata()) == pytest.approx([100, 100])
    plot_rates.figures.plt.close(figure)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"importance": {"samples": [1, 5, 12]}}, "importance.samples.2: found 12; allowed: a multiple of 5"),
        ({"importance": {"samples": [2, 4]}}, "importance.samples.0: found 2; allowed: 1"),
        ({"quantised_pca": {"steps": [1, 0.5]}}, "quantised_pca.steps.1: found 0.5; allowed: more than 1"),
        ({"bounded": ["vae_21_drawn"]}, "bounded.0"),
        ({"baselines": ["vae_20_drawn"]}, "vae_20_drawn, a model of binary images"),
        ({"baselines": ["conv_plane_vae"]}, "conv_plane_vae, whose loss is squared_error"),
        ({"baselines": ["dense_2"]}, "dense_2, whose loss is mse"),
        ({"beta": 3}, "studies.rate_distortion"),
    ],
)
def test_what_makes_no_sense_is_refused(changes, message):
    config = small.default()
    config["studies"]["rate_distortion"] |= changes
    with pytest.raises(ConfigurationError, match=message.replace(".", r"\.")):
        configuration.load(config)


def test_the_default_sweep_spans_three_decades_and_codes_from_2_to_64():
    config = configuration.load(small.default())
    models = [config["models"][name] for name in config["studies"]["rate_distortion"]["corrected"]]
    betas = {entry.get("beta", 1) for entry in models}
    assert len(betas) >= 8 and max(betas) / min(betas) >= 1000
    sizes = {entry["code_size"] for entry in models if entry.get("beta", 1) == 1}
    assert len(sizes) >= 5 and {2, 64} <= sizes


def test_points_share_a_text_only_if_they_are_near_in_both_directions():
    rows = rates_table(
        name=list("abcd"), beta=[100, 30, 10, 3], rate=[0.0, 0, 1.9, 8], distortion=[206.0, 206, 172, 130]
    )
    assert plot_rates.called(rows, "beta", "distortion", (2.0, 5.0)) == [
        ("100, 30", 0, 206),
        ("10", 1.9, 172),
        ("3", 8, 130),
    ]

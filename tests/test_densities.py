"""The study of densities: its metrics against closed forms and scikit-learn, its samples, its answers."""

import answer_densities
import divide_images
import numpy as np
import pandas as pd
import pytest
import rounding
import sample_generators
import small

from aelab.analysis import copies, distances, fidelity, mixtures, parzen
from aelab.analysis.sample_metrics import CENTRES, HELD_OUT, METRICS, TRAINING, ranks
from aelab.errors import ConfigurationError, LabError
from aelab.inference import assembled, trained
from aelab.inference.features import Features
from aelab.plan import configuration

DRAW = np.random.default_rng(0)


@pytest.fixture(autouse=True)
def same_draws():
    """The same numbers in a test, whichever tests its process carried out before."""
    global DRAW
    DRAW = np.random.default_rng(0)


# -- distances and Parzen windows ------------------------------------------------------------------


def test_distances_are_those_of_a_loop_whatever_the_size_of_a_block():
    points, others = DRAW.integers(0, 9, (23, 5)).astype(np.float32), DRAW.integers(0, 9, (7, 5)).astype(np.uint8)
    expected = [[sum((int(a) - int(b)) ** 2 for a, b in zip(p, o, strict=True)) for o in others] for p in points]
    assert (distances.squared(points, others) == expected).all()  # whole numbers: nothing is rounded
    found = np.concatenate([squared for _, squared in distances.blocks(points, others, rows=4)])
    assert (found == expected).all()


def test_a_window_of_one_point_is_a_gaussian():
    images, point = DRAW.random((6, 4)), DRAW.random((1, 4))
    of_each_pixel = np.exp(-((images - point) ** 2) / (2 * 0.3**2)) / np.sqrt(2 * np.pi * 0.3**2)
    assert parzen.log_densities(images, point, 0.3) == pytest.approx(np.log(of_each_pixel.prod(axis=1)))


def test_a_window_is_the_density_that_scikit_learn_estimates():
    from sklearn.neighbors import KernelDensity

    images, samples = DRAW.random((50, 3)), DRAW.random((40, 3))
    expected = KernelDensity(bandwidth=0.2).fit(samples).score_samples(images)
    assert parzen.log_densities(images, samples, 0.2) == pytest.approx(expected)


def test_no_window_exceeds_its_limit_which_samples_on_the_image_reach():
    image = DRAW.random((1, 9))
    for width in (0.05, 0.5):
        assert parzen.log_densities(image, np.repeat(image, 3, 0), width) == pytest.approx(parzen.limit(width, 9))
        assert (parzen.log_densities(DRAW.random((20, 9)), DRAW.random((30, 9)), width) < parzen.limit(width, 9)).all()


def test_the_best_width_of_one_point_is_the_spread_around_it():
    """The likeliest variance of a Gaussian whose mean is known is the mean squared distance from it."""
    images, point = DRAW.normal(0.5, 0.1, (300, 5)), np.full((1, 5), 0.5)
    expected = np.sqrt(np.square(images - point).mean())
    assert parzen.best_width(images, point) == pytest.approx(expected, rel=0.01)


def test_golden_section_finds_the_highest_point_within_its_last_interval():
    found = parzen.highest(lambda x: -((x - 1.3) ** 2), -2, 5, 20)
    assert found == pytest.approx(1.3, abs=7 * parzen.GOLDEN**18)


# -- Frechet distance, precision and recall --------------------------------------------------------


def test_the_frechet_distance_of_gaussians_on_one_axis_is_that_of_means_and_spreads():
    a, b = np.diag([4.0, 9.0]), np.diag([1.0, 25.0])
    found = fidelity.between_gaussians(np.array([1.0, 0]), a, np.array([0, 2.0]), b)
    assert found == pytest.approx(1 + 4 + (2 - 1) ** 2 + (3 - 5) ** 2)


def frechet(features, others):
    return fidelity.between_gaussians(*fidelity.moments(features), *fidelity.moments(others))


def test_the_frechet_distance_is_that_of_scipys_square_root():
    from scipy.linalg import sqrtm

    first, second = DRAW.normal(size=(60, 6)) @ DRAW.normal(size=(6, 6)), DRAW.normal(size=(50, 6)) + 1
    (m, a), (n, b) = ((x.mean(0), np.cov(x.T)) for x in (first, second))
    expected = np.square(m - n).sum() + np.trace(a + b - 2 * sqrtm(a @ b).real)
    assert frechet(first, second) == pytest.approx(expected)
    assert frechet(first, first) == pytest.approx(0, abs=1e-9 * np.trace(a))


def test_the_frechet_distance_does_not_grow_when_a_feature_is_dead():
    features, others = DRAW.normal(size=(40, 3)), DRAW.normal(size=(40, 3))
    dead = [np.hstack([x, np.zeros((40, 1))]) for x in (features, others)]
    assert frechet(*dead) == pytest.approx(frechet(features, others))


def test_a_set_has_all_of_itself_and_nothing_of_one_far_away():
    features = DRAW.normal(size=(700, 8))
    assert fidelity.precision_and_recall(features, features.copy()) == (1, 1)
    assert fidelity.precision_and_recall(features, features + 100) == (0, 0)


def test_precision_and_recall_are_those_of_a_loop():
    samples, real, k = DRAW.normal(size=(30, 2)), 1 + DRAW.normal(size=(25, 2)), 3

    def reach(points):
        return [sorted(np.linalg.norm(points - point, axis=1))[k] for point in points]

    def inside(points, others):
        pairs = list(zip(others, reach(others), strict=True))
        return np.mean([any(np.linalg.norm(point - other) <= far for other, far in pairs) for point in points])

    assert fidelity.precision_and_recall(samples, real, k) == (inside(samples, real), inside(real, samples))


def test_a_mode_that_is_left_out_costs_recall_and_not_precision():
    real = np.concatenate([DRAW.normal(size=(200, 2)), 50 + DRAW.normal(size=(200, 2))])
    precision, recall = fidelity.precision_and_recall(DRAW.normal(size=(200, 2)), real)
    assert precision > 0.9 and recall <= 0.5


def test_class_shares_that_are_equal_have_no_distance_and_disjoint_ones_have_one():
    assert fidelity.total_variation(np.array([0, 1, 1, 0]), np.array([1, 0]), 3) == 0
    assert fidelity.total_variation(np.array([0, 0]), np.array([1, 2]), 3) == 1
    assert fidelity.total_variation(np.array([0, 0, 0, 1]), np.array([0, 1]), 2) == pytest.approx(0.25)


# -- copies ----------------------------------------------------------------------------------------


def test_copies_are_found_and_neither_blends_nor_new_images():
    references = DRAW.integers(0, 256, (90, 64), dtype=np.uint8)
    exact, blend = references[[4, 70]], (references[[5]] // 2 + references[[6]] // 2)
    nearly = references[[8]].copy()
    nearly[0, 0] ^= 64
    new = DRAW.integers(0, 256, (3, 64), dtype=np.uint8)
    found, nearest = copies.two_nearest(np.concatenate([exact, nearly, blend, new]), references, batch_size=40)
    assert copies.are_copies(found, 0.5).tolist() == [True] * 3 + [False] * 4
    assert nearest[:3].tolist() == [4, 70, 8]


def test_the_two_nearest_are_those_of_a_sort():
    images, references = (
        DRAW.integers(0, 256, (12, 30), dtype=np.uint8),
        DRAW.integers(0, 256, (55, 30), dtype=np.uint8),
    )
    exact = np.linalg.norm(images[:, None].astype(float) - references[None], axis=-1) / 255
    for batch_size in (7, 54, 100):  # the last batch has one reference in two of them
        found, nearest = copies.two_nearest(images, references, batch_size)
        assert found == pytest.approx(np.sort(exact, axis=1)[:, :2])
        assert (nearest == exact.argmin(axis=1)).all()


def test_an_image_that_two_references_equal_is_a_copy():
    references = np.concatenate([np.zeros((2, 9), np.uint8), np.full((1, 9), 200, np.uint8)])
    found, _ = copies.two_nearest(references[:1], references)
    assert found.tolist() == [[0, 0]] and copies.are_copies(found, 0.5).all()


# -- k-means and mixtures --------------------------------------------------------------------------

POINTS = np.concatenate([DRAW.normal(centre, 0.5, (60, 3)) for centre in (0, 2, 5)])


def test_k_means_is_that_of_scikit_learn():
    from sklearn.cluster import KMeans

    starts = POINTS[[0, 70, 130]]
    other = KMeans(3, init=starts, n_init=1, max_iter=300, tol=0, algorithm="lloyd").fit(POINTS)
    assert mixtures.k_means(POINTS, starts, 50) == pytest.approx(other.cluster_centers_)


def test_a_centre_without_points_stays_where_it_is():
    starts = np.array([[0.0, 0, 0], [1000, 0, 0]])
    assert (mixtures.k_means(POINTS, starts, 3)[1] == starts[1]).all()


def test_centres_of_images_are_their_means():
    images = DRAW.integers(0, 256, (40, 10), dtype=np.uint8)
    found = mixtures.k_means(images, images[:1].astype(np.float32), 2)
    assert found[0] == pytest.approx(images.mean(0))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_mixture_is_that_of_scikit_learn_after_the_same_steps():
    from sklearn.mixture import GaussianMixture

    groups = mixtures.assigned(POINTS, POINTS[[0, 70, 130]])
    start = mixtures.of_shares(POINTS, np.eye(3)[groups], 1e-6)
    other = GaussianMixture(
        3,
        reg_covar=1e-6,
        max_iter=5,
        tol=0,
        weights_init=start.weights,
        means_init=start.means,
        precisions_init=np.linalg.inv(start.covariances),
    )
    other.fit(POINTS)
    found = start
    for _ in range(5):
        found = mixtures.step(found, POINTS, 1e-6)
    assert found.weights == pytest.approx(other.weights_)
    assert found.means == pytest.approx(other.means_)
    assert found.covariances == pytest.approx(other.covariances_)
    logs = found.log_densities(POINTS)
    assert np.logaddexp.reduce(logs, axis=1) == pytest.approx(other.score_samples(POINTS))


def test_one_gaussian_has_the_moments_of_the_points_and_so_have_its_draws():
    fitted = mixtures.fit(POINTS, 1, 5, np.random.default_rng(1))
    assert fitted.means[0] == pytest.approx(POINTS.mean(0))
    assert fitted.covariances[0] == pytest.approx(np.cov(POINTS.T, bias=True), abs=1e-4)
    drawn = fitted.draw(20_000, np.random.default_rng(2))
    errors = np.sqrt(np.diag(fitted.covariances[0]) / len(drawn))
    assert (np.abs(drawn.mean(0) - POINTS.mean(0)) < rounding.STANDARD_ERRORS * errors).all()
    assert np.cov(drawn.T) == pytest.approx(fitted.covariances[0], rel=0.1)


def test_a_mixture_is_likelier_than_one_gaussian_and_draws_from_all_components():
    fitted = {k: mixtures.fit(POINTS, k, 20, np.random.default_rng(1)) for k in (1, 3)}
    likelihood = {k: np.logaddexp.reduce(each.log_densities(POINTS), axis=1).mean() for k, each in fitted.items()}
    assert likelihood[3] > likelihood[1]
    nearest = mixtures.assigned(fitted[3].draw(300, np.random.default_rng(3)), fitted[3].means)
    assert (np.bincount(nearest, minlength=3) > 50).all()


def test_codes_with_a_dead_unit_can_be_fitted():
    codes = np.hstack([POINTS, np.zeros((len(POINTS), 1))])
    drawn = mixtures.fit(codes, 3, 5, np.random.default_rng(1)).draw(50, np.random.default_rng(2))
    assert np.isfinite(drawn).all() and np.abs(drawn[:, 3]).max() < 0.1


# -- samples ---------------------------------------------------------------------------------------


def projection(pixels, size):
    """PCA's model on random directions: its reconstruction is the nearest point of a plane."""
    directions = np.linalg.qr(DRAW.normal(size=(pixels, size)))[0].T
    return trained.of(*assembled.linear(np.full(pixels, 0.5), directions))


def test_rows_of_test_images_are_used_once():
    found = divide_images.divided(np.arange(100, 400), 500, 1000, 1000, np.random.default_rng(1))
    assert {name: len(rows) for name, rows in found.items()} == {
        **{"references": 135, "held_out": 135},
        **{"widths": 30, "training": 135},
    }
    used = np.concatenate([found[name] for name in ("references", "held_out", "widths")])
    assert len(np.unique(used)) == len(used) and set(used) <= set(range(100, 400))
    fewer = divide_images.divided(np.arange(300), 500, 20, 10, np.random.default_rng(1))
    assert [len(fewer[name]) for name in ("references", "held_out", "widths", "training")] == [20, 20, 10, 20]


def test_a_model_without_a_prior_is_refused():
    with pytest.raises(LabError, match="plain has no prior"):
        sample_generators.of_prior(projection(9, 2), 5, np.random.default_rng(1), "plain")


def test_a_walk_by_the_score_ends_on_the_manifold_of_the_model():
    model, starts = projection(16, 3), (0.5 + 0.1 * DRAW.normal(size=(5, 16))).astype(np.float32)
    ends = sample_generators.of_score(model, starts, 60, 0.2)
    assert ends == pytest.approx(model.reconstruct(starts), abs=1e-4)  # 0.8^60 of the way is left


def test_a_chain_is_the_same_with_the_same_draws_and_stays_on_the_manifold():
    model, starts = projection(16, 3), DRAW.random((4, 16), dtype=np.float32)
    noise = {"kind": "gaussian", "amount": 0.1, "clip": False}
    first, again, other = (
        sample_generators.of_chain(model, starts, 3, noise, np.random.default_rng(n)) for n in (1, 1, 2)
    )
    assert (first == again).all() and (first != other).any()
    inside = (first > 0) & (first < 1)  # reconstructions are clipped
    assert np.abs(model.reconstruct(first) - first)[inside.all(axis=1)] == pytest.approx(0, abs=1e-4)


def test_draws_from_a_density_of_codes_have_the_moments_of_reconstructions():
    model, images = projection(16, 3), (0.5 + 0.05 * DRAW.normal(size=(400, 16))).astype(np.float32)
    drawn = sample_generators.of_density(model, model.encode(images), 1, 1, 4000, np.random.default_rng(1))
    whole = model.reconstruct(images)
    assert drawn.mean(0) == pytest.approx(whole.mean(0), abs=0.01)
    assert np.cov(drawn.T) == pytest.approx(np.cov(whole.T), abs=3e-4)


def test_every_generator_has_its_own_draws_and_8_bit_pixels():
    models = {"a": projection(16, 3), "b": projection(16, 3)}
    fitted = dict.fromkeys(models, DRAW.integers(0, 256, (120, 16), dtype=np.uint8))
    spec = {"fit": {"components": 2, "steps": 2}, "walks": {"score_steps": 2, "eta": 0.2, "chain_steps": 2}}
    spec |= {"noise": {"b": {"kind": "gaussian", "amount": 0.1, "clip": False}}, "seed": 1, "run": 1}
    drawn = [{"model": m, "way": w} for m, w in (("a", "gaussian"), ("a", "mixture"), ("b", "score"), ("b", "chain"))]
    found = sample_generators.all_samples(drawn, models, fitted, 7, spec)
    assert list(found) == ["a.gaussian", "a.mixture", "b.score", "b.chain"]
    assert {(each.shape, each.dtype.name) for each in found.values()} == {((7, 16), "uint8")}
    alone = sample_generators.all_samples(drawn[3:], models, fitted, 7, spec)
    assert (alone["b.chain"] == found["b.chain"]).all()  # other generators change no draws
    other = sample_generators.all_samples(drawn[3:], models, fitted, 7, {**spec, "run": 2})
    assert (other["b.chain"] != found["b.chain"]).any()


# -- settings --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def written():
    """The default configuration with this study alone."""
    config = small.default()
    return {**config, "studies": {"densities": config["studies"]["densities"]}}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"prior": ["vae_20_widest"]}, "studies.densities.prior.0"),
        ({"gaussian": ["dense_2"]}, "models of this study"),
        ({"prior": ["conv_32_corrected"]}, "a variational model"),
        ({"chain": ["conv_32_corrected"]}, "trained with a corruption"),
        ({"corrected": ["stacked_784_layer_2"], "score": ["stacked_784_layer_2"]}, "not on codes"),
        ({"samples": 10}, "studies.densities.samples"),
        ({"fit": {"images": 100, "components": 11}}, "ten images for each of 11 components"),
        (dict.fromkeys(("prior", "gaussian", "mixture", "score", "chain"), []), "no generator"),
    ],
)
def test_entries_that_make_no_sense_are_refused(change, message, written):
    settings = written["studies"]["densities"]
    lists = {} if "corrected" not in change else dict.fromkeys(("prior", "gaussian", "mixture", "chain"), [])
    config = {**written, "studies": {"densities": {**settings, **lists, **change}}}
    with pytest.raises(ConfigurationError, match=message):
        configuration.complete(config)


# -- the judge's features --------------------------------------------------------------------------


HIDDEN = [{"layer": "Dense", "activation": "relu", "weights": ["a", "b"]}]
LOGITS = [{"layer": "Dense", "activation": "linear", "weights": ["c", "d"]}]


def test_features_lead_to_what_the_judge_reads():
    for networks in ({"all": HIDDEN + LOGITS}, {"encoder": HIDDEN, "head": LOGITS}):
        description = {"family": "classifier", "networks": networks, "output": "linear", "input_size": 9}
        shapes = {"a": (9, 5), "b": (5,), "c": (5, 4), "d": (4,)}
        arrays = {name: DRAW.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
        classifier = trained.of(description, arrays)
        images = DRAW.random((6, 9), dtype=np.float32)
        found = Features(classifier).of(images)
        assert found.shape == (6, 5) and (found >= 0).all() and found.any()
        powers = np.exp(found @ arrays["c"] + arrays["d"])
        assert powers / powers.sum(1, keepdims=True) == pytest.approx(classifier.encode(images), abs=1e-5)
        beyond = images * 3 - 1
        assert (Features(classifier).of(beyond) == Features(classifier).of(np.clip(beyond, 0, 1))).all()


# -- answers ---------------------------------------------------------------------------------------


def table(**columns):
    names = [HELD_OUT, TRAINING, CENTRES, "a.gaussian", "a.mixture", "b.prior", "b.mixture"]
    base = {"name": names, "way": ["real", "real", "centres", *(n.split(".")[1] for n in names[3:])]}
    base |= {"model": ["", "", "", *(n.split(".")[0] for n in names[3:])], "parzen_limit": [900.0] * 7}
    return pd.DataFrame(base | {metric: [1.0] * 7 for metric in METRICS} | columns)


def test_ranks_count_what_is_better_and_share_ties():
    assert ranks(np.array([3, 1, 3, 2]), higher=True).tolist() == [1, 4, 1, 3]
    assert ranks(np.array([3, 1, 3, 2]), higher=False).tolist() == [3, 1, 3, 2]


def test_the_answers_say_where_held_out_images_rank_and_training_images_do_not_count():
    found = answer_densities.answers(
        table(parzen=[200, 300, 250, 100, 150, 90, 80.0], frechet=[2, 1, 9, 20, 6, 8, 4.0])
    )
    assert found["rank.parzen"] == 2 and found["lead.parzen"] == -50
    assert found["rank.frechet"] == 1 and found["lead.frechet"] == 2
    assert found["best.frechet"] == 4 and found["honest"] == len(METRICS) - 1
    assert found["a.mended"] == pytest.approx(14 / 18) and found["a.mixture_over_gaussian"] == pytest.approx(20 / 6)
    assert found["b.mixture_over_prior"] == 2 and "b.mended" not in found
    assert found["parzen_margin"] == 600


def test_class_shares_of_two_draws_differ_as_expected():
    shares, draw = np.array([0.5, 0.3, 0.2]), np.random.default_rng(3)
    first, second = (draw.choice(3, size=(400, n), p=shares) for n in (600, 300))
    found = [fidelity.total_variation(a, b, 3) for a, b in zip(first, second, strict=True)]
    expected = fidelity.expected_total_variation(np.repeat(np.arange(3), [300, 180, 120]), 300, 3)
    assert np.mean(found) == pytest.approx(expected, rel=0, abs=rounding.STANDARD_ERRORS * np.std(found) / np.sqrt(400))

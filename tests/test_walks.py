"""The denoising study: the iterations from noise, what their pictures follow, where they end."""

import iterate_reconstructions
import measure_walks
import numpy as np
import pytest
import vary_targets
from rounding import gamma
from scipy.spatial import distance

from aelab.analysis import iterations

SEED = 12


@pytest.fixture
def draw():
    """A source of randomness that every test has for itself."""
    return np.random.default_rng(SEED)


class Network:
    """A small network r(x) in float64, which counts how often it is asked."""

    def __init__(self, draw, pixels=20, units=6):
        self.first, self.second = draw.normal(0, 0.5, (pixels, units)), draw.normal(0, 0.5, (units, pixels))
        self.asked = 0

    def reconstruct(self, images):
        self.asked += 1
        return 1 / (1 + np.exp(-np.maximum(images @ self.first, 0) @ self.second))


@pytest.mark.parametrize("normalise", [False, True])
@pytest.mark.parametrize(("eta", "steps"), [(1, 10), (0.5, 3), (1, 100)])
def test_the_published_iteration_is_the_one_written_out(draw, eta, steps, normalise):
    """As the document has it, for one image at a time: x + eta (r(x) - r(m)), then divided by its length."""
    network, mean, starts = Network(draw), draw.random(20), draw.random((3, 20)) + draw.standard_normal((3, 20))
    expected = []
    for x in starts:
        for _ in range(steps):
            r_x = 1 / (1 + np.exp(-(np.maximum(x @ network.first, 0) @ network.second)))
            r_m = 1 / (1 + np.exp(-(np.maximum(mean @ network.first, 0) @ network.second)))
            x = x + eta * (r_x - r_m)
            if normalise:
                x = x / np.sqrt(sum(x**2))
        expected.append(x)
    target = network.reconstruct(mean[None])[0]
    states, lengths, moved = iterations.walk(
        starts,
        network.reconstruct,
        lambda x, r: iterations.target_step(x, r, target, eta, normalise),
        steps,
        [0, steps],
    )
    np.testing.assert_allclose(states[steps], expected)
    np.testing.assert_array_equal(states[0], starts)
    assert lengths.shape == moved.shape == (steps + 1, 3)
    last = np.linalg.norm(network.reconstruct(np.array(expected)) - expected, axis=1)
    np.testing.assert_allclose(lengths[-1], last)


def test_inverting_changes_the_picture_and_never_the_walk(draw):
    """The picture of -x runs from 0 to 1 and is the negative of the picture of x."""
    states = draw.normal(0, 3, (4, 20))
    plain, inverted = iterations.picture(states, "normalised"), iterations.picture(states, "inverted")
    assert (plain.min(1) == 0).all() and (inverted.min(1) == 0).all()
    np.testing.assert_allclose(plain.max(1), 1)
    np.testing.assert_allclose(inverted, 1 - plain)
    np.testing.assert_allclose(plain, (states - states.min(1)[:, None]) / np.ptp(states, axis=1)[:, None])
    assert iterations.PICTURES["normalised"][0] == iterations.PICTURES["inverted"][0]  # one walk, shown in two ways
    assert np.isfinite(iterations.as_shown(np.full((1, 3), 0.5, np.float32))).all()


def test_the_noise_is_uniform_plus_normal():
    """Mean 1/2 and variance 1/12 + 1, in five standard errors of 400,000 draws."""
    noise = iterations.noise_images(100, 4000, np.random.default_rng(SEED)).astype(np.float64)
    assert noise.mean() == pytest.approx(0.5, abs=5 * np.sqrt(13 / 12 / noise.size))
    assert noise.var() == pytest.approx(13 / 12, rel=5 * np.sqrt(2 / noise.size))
    assert noise.min() < -1 and noise.max() > 2


def test_the_mean_is_that_of_the_images_of_the_class():
    images, labels = np.arange(24, dtype=np.float32).reshape(6, 4), np.array([7, 2, 7, 2, 2, 4])
    classes, means = iterations.class_means(images, labels)
    assert classes.tolist() == [2, 4, 7]
    np.testing.assert_allclose(means, [[32 / 3, 35 / 3, 38 / 3, 41 / 3], [20, 21, 22, 23], [4, 5, 6, 7]], rtol=1e-6)
    assert [iterations.chosen_class(classes, number) for number in (0, 2, 4)] == [0, 2, 2]


def test_the_score_iteration_ends_on_the_plane_of_a_linear_projector(draw):
    """In float64, in which the rounding of 60 steps does not count."""
    basis = np.linalg.qr(draw.standard_normal((784, 3)))[0]
    starts, left = draw.random((5, 784)), 0.8

    def project(images):
        return images @ basis @ basis.T

    states, lengths, moved = iterations.walk(
        starts, project, lambda x, r: iterations.score_step(x, r, 1 - left), 60, [0, 60]
    )
    # Off the plane each step leaves the share 1 - eta.
    expected = np.linalg.norm(starts - project(starts), axis=1)[None] * left ** np.arange(61)[:, None]
    np.testing.assert_allclose(lengths, expected, rtol=60 * gamma(1))
    assert np.linalg.norm(states[60] - project(starts), axis=1) == pytest.approx(expected[-1], rel=60 * gamma(1))
    np.testing.assert_allclose(moved[2:], lengths[:-2] - lengths[2:], rtol=60 * gamma(1))


def test_a_cycle_of_two_does_not_move(draw):
    starts = draw.integers(0, 17, (3, 784)).astype(np.float32) / 16
    _, _, moved = iterations.walk(starts, lambda x: x, lambda x, r: 1 - x, 9, [])
    np.testing.assert_array_equal(moved[-1], 0)
    assert (moved[1] > 0).all()


@pytest.mark.parametrize(
    ("steps", "expected"), [(2, [0, 1, 2]), (100, [0, 1, 2, 5, 10, 20, 50, 100]), (7, [0, 1, 2, 5, 7])]
)
def test_shown_steps_begin_at_the_start_and_end_at_the_last(steps, expected):
    assert iterations.shown_steps(steps) == expected


def test_correlations_are_those_of_numpy(draw):
    images, others = draw.random((2, 3, 20)), draw.random((3, 20))
    expected = [[np.corrcoef(images[i, j], others[j])[0, 1] for j in range(3)] for i in range(2)]
    np.testing.assert_allclose(iterations.correlations(images, others), expected)
    assert iterations.correlations(np.ones(5), np.arange(5)) == 0


def test_the_mean_distance_is_that_of_all_pairs(draw):
    images = draw.random((9, 20))
    assert iterations.mean_distance(images) == pytest.approx(np.sqrt(np.mean(distance.pdist(images) ** 2)))


def test_variance_is_divided_by_target_and_start(draw):
    """Of images that are the sum of a part by row and a part by column, the variances add up."""
    rows, columns, both = draw.normal(0, 2, (5, 1, 8)), draw.normal(0, 1, (1, 7, 8)), draw.normal(0, 1, (5, 7, 8))
    parts = [(part - part.mean(axis=axis, keepdims=True)) ** 2 for part, axis in ((rows, 0), (columns, 1))]
    sizes = [part.mean(axis=(0, 1)).sum() for part in parts]
    first, second = iterations.shares_of_variance(rows + columns)
    assert [first, second] == pytest.approx([size / sum(sizes) for size in sizes])
    first, second = iterations.shares_of_variance(rows + columns + both)
    assert first + second < 1
    assert iterations.shares_of_variance(np.ones((2, 2, 3))) == (0, 0)


class Reader:
    """A judge that reads an image of 4 pixels as the number of its brightest one."""

    def read(self, images):
        return images.argmax(-1), images.max(-1)


@pytest.mark.parametrize(("follows", "shares"), [("target", (1, 0)), ("start", (0, 1))])
def test_what_a_picture_follows_is_seen(draw, follows, shares):
    targets, starts = np.eye(4), draw.normal(0, 1, (6, 4))
    pictures = np.broadcast_to(targets, (6, 4, 4)) if follows == "target" else np.repeat(starts[:, None], 4, axis=1)
    shown = iterations.as_shown(pictures)
    found = vary_targets.measured(shown, starts, targets, np.arange(4), inverted=False, judge=Reader())
    assert (found["by_target"], found["by_start"]) == pytest.approx(shares)
    assert found["target_read"] == 1
    assert found["read_as_target"] == pytest.approx(1 if follows == "target" else 0.25)
    assert found["like_target" if follows == "target" else "like_start"] == pytest.approx(1)


def test_the_control_is_shown_like_the_picture():
    """r(m) - x0 of a start without contrast is the target itself; not inverted it is the target's negative."""
    targets, starts = np.eye(4), np.full((2, 4), 0.3)
    shown = np.broadcast_to(targets, (2, 4, 4))
    for inverted, read, like in ((True, 1, 1), (False, 0, -1)):
        found = vary_targets.measured(shown, starts, targets, np.arange(4), inverted, Reader())
        assert (found["control_read"], found["like_control"]) == pytest.approx((read, like))


class Shrinking:
    """A model whose reconstruction is half the image."""

    def reconstruct(self, images):
        return images / 2


def test_every_start_walks_towards_every_target(draw):
    """With r(x) = x/2 and eta = 1, x becomes 3/2 x - r(m): after n steps the distance to 2 r(m) is 1.5^n as large."""
    starts, targets = draw.random((3, 5)), draw.random((4, 5))
    settings = {"steps": 4, "eta": 1}
    ends = vary_targets.ends(Shrinking(), starts, targets, settings, normalise=False)
    fixed = 2 * targets[None]
    np.testing.assert_allclose(ends, fixed + 1.5**4 * (starts[:, None] - fixed))
    normalised = vary_targets.ends(Shrinking(), starts, targets, settings, normalise=True)
    np.testing.assert_allclose(np.linalg.norm(normalised, axis=-1), 1)


def test_all_walks_start_from_the_same_noise_and_end_where_their_steps_lead(draw):
    starts, mean = draw.random((3, 5)), draw.random(5)
    settings = {"steps": 2, "long_steps": 5, "eta": 1, "score_eta": 0.5}
    found = iterate_reconstructions.walks(Shrinking(), starts, mean, settings)
    plain, score = (iterations.WALKS.index(name) for name in ("plain", "score"))
    for length, steps in enumerate((2, 5)):
        np.testing.assert_allclose(found["ends"][plain, length], mean + 1.5**steps * (starts - mean))
        np.testing.assert_allclose(found["ends"][score, length], 0.75**steps * starts)
    np.testing.assert_allclose(found["trajectories"][:, 0], np.broadcast_to(starts[0], (3, 5)))
    np.testing.assert_allclose(found["targets"], mean / 2)
    inverted = list(iterations.PICTURES).index("inverted")
    shown = iterations.as_shown(-found["ends"][iterations.WALKS.index("normalised")])
    np.testing.assert_allclose(found["picture_residuals"][inverted], np.linalg.norm(shown, axis=-1) / 2)
    np.testing.assert_allclose(found["moved"][score, 1], np.linalg.norm((0.75**3 - 0.75**5) * starts, axis=1))


def walked():
    """The arrays of walks of one model from three starts: the third one's picture is another digit's, and unsure."""
    ends = np.zeros((1, 3, 2, 3, 4))
    ends[0, :, :, 0], ends[0, :, :, 1], ends[0, :, :, 2] = [0, 0, 0, -1], [0, 0, -0.1, -1], [-1, 0, 0, 0]
    residuals = np.ones((1, 3, 6, 3))
    residuals[0, :, 2:, :2] = 0.1
    walks = {"lengths": np.array([2, 5]), "residuals": residuals, "real_residuals": np.full((1, 7), 0.5)}
    walks |= {"moved": np.zeros((1, 3, 2, 3)), "targets": np.eye(4)[None, 3], "digit": np.array(3)}
    found = {"distances": np.full((1, 4, 2, 3), 0.2), "confidence": np.full((1, 4, 2, 3), 0.95)}
    found["confidence"][..., 2] = 0.5
    shown = np.stack([iterations.pictures(one) for one in ends])
    walks["picture_residuals"] = np.full((1, 4, 2, 3), 0.7)
    return walks, shown, found | {"read_as": shown.argmax(-1)}


def test_a_walk_has_arrived_if_it_is_at_rest_near_and_surely_read():
    walks, shown, found = walked()
    inverted = list(iterations.PICTURES).index("inverted")
    real = np.linspace(0.1, 0.3, 21)
    row = measure_walks.measured(walks, shown, found, real, (2.0, 1.0), (0, inverted, 0))
    expected = {"converged": 2 / 3, "near": 1, "sure": 2 / 3, "arrived": 2 / 3, "read_as_target": 2 / 3}
    expected |= {"visited": 2 / 3, "digits_read": 2, "digits_reached": 1, "distance_end": 0.2, "steps": 2, "target": 3}
    assert {name: row[name] for name in expected} == pytest.approx(expected)
    assert row["distance_target"] == pytest.approx(np.median([0, 0.1, np.sqrt(2)]))
    spread = np.sqrt(np.mean(distance.pdist([[0, 0, 0, 1], [0, 0, 0.1, 1], [1, 0, 0, 0]]) ** 2))
    assert (row["spread"], row["spread_of_target"]) == pytest.approx((spread / 2, spread))
    plain = measure_walks.measured(walks, shown, found, real, (2.0, 1.0), (0, 0, 0))
    assert plain["read_as_target"] == 0  # the negative of the picture is bright elsewhere


def test_a_walk_that_is_far_from_every_digit_has_not_arrived():
    walks, shown, found = walked()
    row = measure_walks.measured(walks, shown, found, np.linspace(0.01, 0.19, 21), (1.0, 1.0), (0, 2, 0))
    assert (row["near"], row["arrived"], row["visited"], row["converged"]) == pytest.approx((0, 0, 0, 2 / 3))

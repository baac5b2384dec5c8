"""Paths between codes."""

import numpy as np
import pytest

from aelab.analysis import paths

SHARES = np.linspace(0, 1, 9)


@pytest.fixture
def ends():
    return np.random.default_rng(1).normal(size=(2, 6, 20))


@pytest.mark.parametrize("path", paths.BY_NAME.values())
def test_paths_begin_and_end_at_the_codes(path, ends):
    points = path(*ends, SHARES)
    assert points.shape == (6, 9, 20)
    assert points[:, 0] == pytest.approx(ends[0])
    assert points[:, -1] == pytest.approx(ends[1])


@pytest.mark.parametrize("path", paths.BY_NAME.values())
def test_paths_are_the_same_backwards(path, ends):
    assert path(*ends, SHARES) == pytest.approx(path(*ends[::-1], SHARES)[:, ::-1])


def test_linear_steps_are_even(ends):
    steps = np.diff(paths.linear(*ends, SHARES), axis=1)
    assert steps == pytest.approx(np.broadcast_to((ends[1] - ends[0])[:, None] / 8, steps.shape))


def test_spherical_paths_keep_the_length_of_codes_of_one_length(ends):
    ends = ends / np.linalg.norm(ends, axis=-1, keepdims=True) * 4.5
    assert np.linalg.norm(paths.spherical(*ends, SHARES), axis=-1) == pytest.approx(4.5)
    assert (np.linalg.norm(paths.linear(*ends, [0.5]), axis=-1) < 4.5).all()


def test_spherical_paths_turn_evenly(ends):
    ends = ends / np.linalg.norm(ends, axis=-1, keepdims=True)
    points = paths.spherical(*ends, SHARES)
    angles = np.arccos((points[:, 1:] * points[:, :-1]).sum(-1))
    assert angles == pytest.approx(np.broadcast_to(angles[:, :1], angles.shape))
    assert angles.sum(1) == pytest.approx(np.arccos((ends[0] * ends[1]).sum(-1)))


@pytest.mark.parametrize("factor", [3.0, 1.0])
def test_spherical_paths_between_parallel_codes_are_straight(ends, factor):
    first = ends[0]
    assert paths.spherical(first, factor * first, SHARES) == pytest.approx(paths.linear(first, factor * first, SHARES))


def test_spherical_path_from_the_origin_is_finite(ends):
    assert np.isfinite(paths.spherical(0 * ends[0], ends[1], SHARES)).all()

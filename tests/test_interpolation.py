"""The pairs of the interpolation study and what is measured along the paths between them."""

import interpolate_codes
import measure_paths
import numpy as np
import pytest
import rounding

from aelab.data.randomness import generator

LABELS = np.random.default_rng(1).integers(0, 10, 500)


@pytest.mark.parametrize("choose", [interpolate_codes.same_digit, interpolate_codes.different_digits])
def test_pairs_are_drawn_with_their_seed(choose):
    rows = choose(LABELS, 30, generator("pairs", 1))
    assert rows.shape == (30, 2) and (rows[:, 0] != rows[:, 1]).all()
    assert (rows == choose(LABELS, 30, generator("pairs", 1))).all()
    assert (rows != choose(LABELS, 30, generator("pairs", 2))).any()


def test_pairs_have_the_digits_that_their_name_says():
    same = LABELS[interpolate_codes.same_digit(LABELS, 20, generator("pairs", 1))]
    assert (same == np.arange(20)[:, None] % 10).all()
    different = LABELS[interpolate_codes.different_digits(LABELS, 20, generator("pairs", 1))]
    assert (different[:, 0] == np.arange(20) % 10).all() and (different[:, 0] != different[:, 1]).all()


def test_interpolates_are_seven_at_even_distances():
    assert pytest.approx(np.linspace(0, 1, 9)[1:-1]) == interpolate_codes.SHARES


class Identity:
    """A model whose codes are its images."""

    def encode(self, images):
        return images

    decode = encode


class Brightness:
    """A judge that reads 1 in bright images and 0 in dark ones."""

    def encode(self, images):
        bright = images.mean(1, keepdims=True)
        return np.hstack([1 - bright, bright])


def test_interpolating_codes_that_are_images_is_blending_pixels():
    images = np.random.default_rng(2).integers(0, 256, (10, 784), dtype=np.uint8)
    rows = np.array([[0, 1], [2, 3], [4, 9]])
    arrays = interpolate_codes.walk(["identity"], [Identity()], Brightness(), images, rows)
    assert (arrays["identity.linear_images"] == arrays["pixel_blend_images"]).all()
    first, last = images[rows].astype(float).transpose(1, 0, 2)[:, :, None]
    shares = np.arange(1, 8)[:, None] / 8
    blends = (1 - shares) * first + shares * last
    # Rounded to whole numbers, after a division, a product and two casts in float32.
    assert abs(arrays["pixel_blend_images"] - blends).max() <= 0.5 + 255 * rounding.gamma(4)


def test_real_images_set_what_is_plausible():
    confidence, distance = np.linspace(0.5, 1, 101), np.linspace(3, 8, 101)
    bounds = measure_paths.Bounds(confidence, distance, 0.1)
    assert bounds.confidence == pytest.approx(0.55) and bounds.distance == pytest.approx(7.5)
    assert bounds.share(np.array([0.9, 0.9, 0.5, 0.56]), np.array([4, 8, 4, 7.4])) == pytest.approx(0.5)


def test_tables_hold_real_ends_and_every_series():
    draw = np.random.default_rng(3)
    # Black and white, so that every squared distance is a whole number, and none is rounded.
    test, train = draw.integers(0, 2, (2, 40, 784), dtype=np.uint8) * np.uint8(255)
    labels = np.arange(40) % 10
    arrays = {}
    for pairs in measure_paths.PAIRS:
        rows = np.array([[0, 1], [2, 3]])
        walked = interpolate_codes.walk(["identity"], [Identity()], Brightness(), test, rows)
        arrays |= {f"{pairs}_{name}": values for name, values in walked.items()}
    samples = {
        "identity_images": test[:5],
        "identity_confidence": np.full(8, 0.7),
        "identity_read_as": np.zeros(8, int),
    }
    along, whole = measure_paths.measure(arrays, samples, train, test, labels, 0.05)
    assert set(along["series"]) == {"pixel_blend", "identity.linear", "identity.spherical"}
    first = along[(along["pairs"] == "same_digit") & (along["series"] == "pixel_blend")].set_index("step")
    references = train.astype(float) / 255
    expected = [np.linalg.norm(references - test[n] / 255, axis=1).min() for n in (0, 2)]
    assert list(first.index) == list(range(9))
    assert first.loc[0, "distance"] == pytest.approx(np.mean(expected))
    assert set(whole["pairs"]) == {"real", "prior", *measure_paths.PAIRS}
    assert whole["plausible"].between(0, 1).all()

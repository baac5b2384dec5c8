"""The pairs of the interpolation study and what is measured along the paths between them."""

import feed_images_back
import interpolate_codes
import measure_paths
import numpy as np
import pytest
import rounding
import small
from keras_models import in_numpy
from test_vae import dense_entry

from aelab.data import idx
from aelab.data.randomness import generator
from aelab.inference.judge import Judge
from aelab.plan import configuration
from aelab.plan.plan import Plan

LABELS = np.random.default_rng(1).integers(0, 10, 500)


@pytest.mark.parametrize("choose", [interpolate_codes.same_digit, interpolate_codes.different_digits])
def test_pairs_are_drawn_with_their_seed(choose):
    rows = choose(LABELS, 30, generator("pairs", 1), 10)
    assert rows.shape == (30, 2) and (rows[:, 0] != rows[:, 1]).all()
    assert (rows == choose(LABELS, 30, generator("pairs", 1), 10)).all()
    assert (rows != choose(LABELS, 30, generator("pairs", 2), 10)).any()


def test_pairs_have_the_digits_that_their_name_says():
    same = LABELS[interpolate_codes.same_digit(LABELS, 20, generator("pairs", 1), 10)]
    assert (same == np.arange(20)[:, None] % 10).all()
    different = LABELS[interpolate_codes.different_digits(LABELS, 20, generator("pairs", 1), 10)]
    assert (different[:, 0] == np.arange(20) % 10).all() and (different[:, 0] != different[:, 1]).all()


def test_interpolates_are_seven_at_even_distances():
    assert pytest.approx(np.linspace(0, 1, 9)[1:-1]) == interpolate_codes.SHARES


class Identity:
    """A model whose codes are its images."""

    def encode(self, images):
        return images

    decode = encode


class Brightness:
    """A classifier that sees 1 in bright images and 0 in dark ones."""

    def encode(self, images):
        bright = images.mean(1, keepdims=True)
        return np.hstack([1 - bright, bright])


def test_interpolating_codes_that_are_images_is_blending_pixels():
    images = np.random.default_rng(2).integers(0, 256, (10, 784), dtype=np.uint8)
    rows = np.array([[0, 1], [2, 3], [4, 9]])
    arrays = interpolate_codes.walk(["identity"], [Identity()], Judge(Brightness()), images, rows)
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
        walked = interpolate_codes.walk(["identity"], [Identity()], Judge(Brightness()), test, rows)
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


# -- what was published ----------------------------------------------------------------------------


def test_the_published_model_takes_550_updates_in_each_of_25_epochs():
    """In planning, and as the training counts them."""
    from aelab.kinds import architectures
    from aelab.training import loop

    plan = Plan(configuration.load(small.default()))
    entry = plan.entry("vae_20")
    images = plan.splits[plan.models["vae_20"]["split"]]["train"]
    assert images == 55_000 and plan.updates("vae_20") == 13_750
    training = loop.Loop(
        architectures.create(entry), entry, loop.Examples(np.zeros((images, 784), np.uint8)), "vae_20", 1
    )
    assert (training.steps, training.full, training.epochs, training.updates) == (550, 550, 25, 13_750)


def test_feeding_back_encodes_and_draws_anew_each_time():
    """Against a few lines of NumPy, with the layers and their weights by hand."""
    from aelab.kinds import architectures

    model = in_numpy(architectures.create(dense_entry(image_shape=(3, 4))))
    images = np.random.default_rng(1).random((5, 12), np.float32)
    found = feed_images_back.fed_back(model, images, 3, np.random.default_rng(2))
    assert found.shape == (5, 3, 12)

    weights = {name: array.astype(np.float64) for name, array in model.arrays.items()}

    def dense(x, layer):
        return x @ weights[f"{layer}/kernel"] + weights[f"{layer}/bias"]

    x, draw = images.astype(np.float64), np.random.default_rng(2)
    for n in range(3):
        both = dense(np.log1p(np.exp(dense(x, "encoder/encoder_1"))), "encoder/encoder_2")
        mean, log_variance = both[:, :3], both[:, 3:]
        z = mean + draw.standard_normal((5, 3), np.float32) * np.sqrt(np.exp(log_variance))
        x = 1 / (1 + np.exp(-dense(np.log1p(np.exp(dense(z, "decoder/decoder_1"))), "decoder/decoder_2")))
        np.testing.assert_allclose(found[:, n], x, rtol=0, atol=1e-5)
    assert np.abs(np.diff(found, axis=1)).max() > 1e-3


def test_the_images_fed_back_are_the_first_zeros_and_the_first_of_each_digit(mnist_folder):
    labels = idx.read_labels(mnist_folder / "t10k-labels-idx1-ubyte")
    zeros = feed_images_back.rows_of("same_digit", labels, 100)
    assert len(zeros) == 100 and (labels[zeros] == 0).all() and zeros[:3].tolist() == [3, 10, 13]
    assert (labels[: zeros[-1] + 1] == 0).sum() == 100
    firsts = feed_images_back.rows_of("different_digits", labels, 100)
    assert firsts[:10].tolist() == [3, 2, 1, 18, 4, 8, 11, 0, 61, 7]
    assert firsts[10:].tolist() == list(range(90))


def test_few_images_are_fed_back_where_there_are_few():
    labels = np.array([2, 0, 1, 0])
    assert feed_images_back.rows_of("same_digit", labels, 10).tolist() == [1, 3]
    assert feed_images_back.rows_of("different_digits", labels, 10).tolist() == [1, 2, 0, 0, 1, 2, 3]


def test_images_fed_back_are_counted_against_what_they_showed_at_first():
    import answer_interpolation

    arrays = {}
    for kind in ("same_digit", "different_digits"):
        arrays |= {f"{kind}_rows": np.array([1, 2]), f"{kind}_vae_read_as": np.array([[5, 5, 6], [7, 5, 5]])}
        arrays[f"{kind}_vae_images"] = np.zeros((2, 3, 4), np.uint8)
    found = dict(answer_interpolation.fed_back(arrays, np.array([0, 5, 7])))
    assert found["fed_back.same_digit.images"] == 2
    shares = [found[f"fed_back.different_digits.vae.read_as_before.{n}"] for n in (1, 2, 3)]
    assert shares == [1, 0.5, 0]

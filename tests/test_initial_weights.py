"""How weights are drawn before training, and the cross-entropy with a number inside its logarithms."""

import numpy as np
import pytest
import tensorflow as tf
from rounding import FUNCTION, STANDARD_ERRORS, gamma
from scipy import stats

from aelab.kinds import architectures
from aelab.training import losses

SIZE, WIDTH = 90, 80


def dense(**changes):
    entry = {
        "kind": "dense",
        "image_shape": (9, 10),
        "encoder": {"widths": [WIDTH], "activations": ["relu"]},
        "decoder": {"widths": [SIZE], "activations": ["linear"]},
        "loss": "rmse",
    }
    return architectures.create(entry | changes)


def vae(**changes):
    hidden = {"widths": [100], "activations": ["softplus"]}
    entry = {"kind": "vae", "image_shape": (9, 10), "encoder": hidden, "decoder": hidden, "code_size": 20}
    return architectures.create(entry | changes)


def test_a_truncated_normal_has_the_spread_that_its_density_says():
    """In kernels and biases alike: N(0, 1) cut off at 2 has a standard deviation of .88."""
    model = dense(initial_weights="truncated_normal", tied=True)
    encoder, decoder = (model.networks[name].layers[0] for name in ("encoder", "decoder"))
    assert [variable.shape for variable in model.variables] == [(SIZE, WIDTH), (WIDTH,), (SIZE,)]
    expected = stats.truncnorm(-2, 2)
    kurtosis = expected.stats("k") + 3
    for variable in (encoder.kernel, encoder.bias, decoder.bias):
        values = variable.numpy().ravel().astype(np.float64)
        assert np.abs(values).max() <= 2
        assert abs(values.mean()) < STANDARD_ERRORS * expected.std() / len(values) ** 0.5
        of_variance = expected.var() * ((kurtosis - 1) / len(values)) ** 0.5
        assert abs(np.mean(values**2) - expected.var()) < STANDARD_ERRORS * of_variance
        assert stats.kstest(values, expected.cdf).pvalue > 1e-6
    assert expected.std() == pytest.approx(0.8796, abs=5e-5)
    assert np.abs(encoder.kernel.numpy()).max() > 1.9
    assert (encoder.bias.numpy()[:WIDTH] != decoder.bias.numpy()[:WIDTH]).any(), "two biases from one draw"


def test_a_tied_decoder_has_the_kernel_transposed_and_a_bias_of_its_own():
    model = dense(initial_weights="truncated_normal", tied=True)
    encoder, decoder = (model.networks[name].layers[0] for name in ("encoder", "decoder"))
    codes = np.random.default_rng(1).random((3, WIDTH))
    expected = codes @ encoder.kernel.numpy().T.astype(np.float64) + decoder.bias.numpy()
    sizes = codes @ np.abs(encoder.kernel.numpy().T) + np.abs(decoder.bias.numpy())
    found = model.decoded(tf.constant(codes, tf.float32)).numpy()
    assert (np.abs(found - expected) < gamma(WIDTH + 3) * sizes).all()


def test_the_default_is_what_keras_draws():
    import keras

    keras.utils.set_random_seed(4)
    ours = [variable.numpy() for variable in dense().variables]
    keras.utils.set_random_seed(4)
    stock = keras.Sequential([keras.Input((SIZE,)), keras.layers.Dense(WIDTH), keras.layers.Dense(SIZE)])
    for array, variable in zip(ours, stock.trainable_variables, strict=True):
        np.testing.assert_array_equal(array, variable.numpy())


@pytest.mark.parametrize(("heads", "fan_out"), [("separate", 20), ("joint", 40)])
def test_heads_are_drawn_by_the_width_of_a_head(heads, fan_out):
    """Uniform up to Glorot's limit: the largest of n numbers comes within 10 / n of it, but for one time in 20,000."""
    model = vae(heads=heads)
    kernel = np.abs(model.networks["encoder"].layers[-1].kernel.numpy())
    limit = (6 / (100 + fan_out)) ** 0.5
    assert kernel.shape == (100, 40)
    for head in (kernel[:, :20], kernel[:, 20:]):
        assert limit * (1 - 10 / head.size) < head.max() <= limit * (1 + gamma(1))
    first = np.abs(model.networks["encoder"].layers[0].kernel.numpy())
    assert first.max() <= (6 / (SIZE + 100)) ** 0.5 * (1 + gamma(1))


@pytest.mark.parametrize("epsilon", [1e-10, 1e-3])
def test_the_cross_entropy_with_a_number_in_its_logarithms(epsilon):
    """Value and gradient against the formula in float64, also where a sigmoid is 0 or 1 in float32."""
    draw = np.random.default_rng(5)
    targets = draw.random((4, 7)).astype(np.float32)
    logits = np.concatenate(
        [draw.normal(0, 3, (4, 4)), [[-60, -25, 25], [60, 30, -30], [0, 18, -18], [20, 90, -90]]], 1
    )
    logits = logits.astype(np.float32)
    with tf.GradientTape() as tape:
        values = tf.constant(logits)
        tape.watch(values)
        found = 3 * losses.cross_entropy_with_epsilon(tf.constant(targets), values, epsilon)
    x, y = targets.astype(np.float64), logits.astype(np.float64)
    p, q = 1 / (1 + np.exp(-y)), 1 / (1 + np.exp(y))
    terms = x * np.log(epsilon + p) + (1 - x) * np.log(epsilon + q)
    slopes = (1 - x) * p * q / (epsilon + q) - x * p * q / (epsilon + p)
    # A logarithm of a number that is rounded a few times, and sums of terms of one sign.
    error = gamma(4 * FUNCTION) * 3 * (np.abs(terms) + 1).sum(1).mean()
    assert float(found) == pytest.approx(-3 * terms.sum(1).mean(), abs=error)
    np.testing.assert_allclose(tape.gradient(found, values), 3 * slopes / 4, rtol=0, atol=gamma(4 * FUNCTION))
    assert (-terms).max() < -np.log(epsilon) + 1e-6


def test_the_entry_says_which_cross_entropy_it_is():
    images = np.random.default_rng(1).random((6, SIZE), np.float32)
    logits = tf.constant(np.random.default_rng(2).normal(0, 2, (6, SIZE)), tf.float32)
    exact, shifted = (vae(log_epsilon=epsilon).misfit(images, logits) for epsilon in (0, 0.001))
    p = tf.sigmoid(logits).numpy().astype(np.float64)
    for found, epsilon in ((exact, 0), (shifted, 0.001)):
        terms = images * np.log(epsilon + p) + (1 - images) * np.log(epsilon + 1 - p)
        assert float(found) == pytest.approx(-terms.sum(1).mean(), rel=1e-5)
    assert float(shifted) < float(exact)

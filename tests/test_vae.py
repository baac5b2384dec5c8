"""Variational autoencoders: the terms of their loss against closed forms, sampling and NumPy in float64."""

import numpy as np
import pytest
from evaluate_model import of_variational
from keras_models import in_numpy, negative_elbo, weighted
from rounding import FUNCTION, STANDARD_ERRORS, gamma

from aelab import kinds
from aelab.analysis import measures
from aelab.data import idx
from aelab.data.datasets import unit


def dense_entry(**changes):
    entry = {
        "kind": "vae",
        "image_shape": (28, 28),
        "encoder": {"widths": [8], "activations": ["softplus"]},
        "code_size": 3,
        "decoder": {"widths": [8], "activations": ["softplus"]},
    }
    return entry | changes


def conv_entry(**changes):
    entry = {"kind": "conv_vae", "image_shape": (28, 28), "filters": [2, 3], "units": [5], "activation": "relu"}
    return entry | {"code_size": 2, "loss": "negative_elbo"} | changes


@pytest.fixture
def images():
    return np.random.default_rng(1).random((20, 784), dtype=np.float32)


def test_kl_of_the_prior_with_itself_is_zero():
    assert measures.kl_per_dimension(np.zeros((4, 3)), np.zeros((4, 3))) == pytest.approx(0)


def test_kl_is_never_negative():
    draw = np.random.default_rng(2)
    assert (measures.kl_per_dimension(draw.normal(size=(1000, 2)), draw.normal(size=(1000, 2))) >= 0).all()


def test_kl_agrees_with_monte_carlo():
    mean, log_sigma = 0.8, -0.5
    sigma = np.exp(log_sigma)
    samples = mean + sigma * np.random.default_rng(3).standard_normal(2_000_000)
    log_q = -0.5 * ((samples - mean) / sigma) ** 2 - np.log(sigma)
    log_p = -0.5 * samples**2
    estimate = log_q - log_p
    error = estimate.std() / np.sqrt(len(samples))
    exact = measures.kl_per_dimension(np.array([[mean]]), np.array([[log_sigma]]))[0, 0]
    assert exact == pytest.approx(estimate.mean(), rel=0, abs=STANDARD_ERRORS * error)


def test_kl_inside_the_graph_is_the_same():
    """Its gradient too: mean / n and (sigma^2 - 1) / n."""
    import tensorflow as tf

    from aelab.training import losses

    mean, log_sigma = tf.constant(np.random.default_rng(4).normal(size=(2, 5, 3)).astype(np.float32))
    with tf.GradientTape() as tape:
        tape.watch([mean, log_sigma])
        found = 2 * losses.kl(mean, log_sigma)
    of_mean, of_log_sigma = tape.gradient(found, [mean, log_sigma])
    mean, log_sigma = (values.numpy().astype(np.float64) for values in (mean, log_sigma))
    variance = np.exp(2 * log_sigma)
    expected = measures.kl_per_dimension(mean, log_sigma).sum(axis=1).mean()
    # Sums of 3 dimensions and 5 images of terms of both signs.
    sizes = mean**2 + variance + 1 + 2 * np.abs(log_sigma)
    error = gamma(3 + 5 + FUNCTION + 4) * sizes.sum(axis=1).mean()
    assert float(found) == pytest.approx(2 * expected, rel=0, abs=error)
    np.testing.assert_allclose(of_mean, 2 * mean / 5, rtol=gamma(3))
    error = gamma(FUNCTION + 4) * 2 * (variance + 1) / 5
    np.testing.assert_array_less(np.abs(of_log_sigma - 2 * (variance - 1) / 5), error)


@pytest.mark.parametrize(("entry", "sigma_of_one"), [(dense_entry(), np.exp(0.5)), (conv_entry(), np.exp(1.0))])
def test_log_sigma_is_not_log_variance(entry, sigma_of_one, images):
    """Where the encoder gives spread 1, the dense kind means a variance of e, the convolutional a deviation of e."""
    model = kinds.create(entry)
    kernel, bias = model.networks["encoder"].layers[-1].get_weights()
    spread = np.r_[np.zeros(entry["code_size"]), np.ones(entry["code_size"])]
    model.networks["encoder"].layers[-1].set_weights([0 * kernel, spread.astype(np.float32)])
    log_sigma = model.statistics(images)[1].numpy().astype(np.float64)
    assert np.exp(log_sigma) == pytest.approx(sigma_of_one)
    kl = measures.kl_per_dimension(np.zeros_like(log_sigma), log_sigma)
    variance = sigma_of_one**2
    assert kl == pytest.approx(0.5 * (variance - 1 - np.log(variance)))
    assert len(bias) == 2 * entry["code_size"]


def test_gradient_of_the_cross_entropy_is_that_of_its_terms():
    import tensorflow as tf

    from aelab.training import losses

    draw = np.random.default_rng(5)
    targets, logits = tf.constant(draw.random((6, 9), np.float32)), tf.constant(draw.normal(0, 8, (6, 9)), tf.float32)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(logits)
        loss = 3 * losses.cross_entropy_of_logits(targets, logits)
        terms = tf.nn.sigmoid_cross_entropy_with_logits(labels=targets, logits=logits)
        expected = 3 * tf.reduce_mean(tf.reduce_sum(terms, axis=1))
    # Sums of 9 pixels and 6 images, of logits and logarithms; both sides round.
    error = 2 * gamma(9 + 6 + 2 * FUNCTION) * 3 * float(np.abs(logits).sum(axis=1).mean() * 2 + 9)
    assert float(loss) == pytest.approx(float(expected), rel=0, abs=error)
    error = 2 * gamma(FUNCTION + 4) * 3 / 6
    np.testing.assert_allclose(tape.gradient(loss, logits), tape.gradient(expected, logits), rtol=0, atol=error)


def test_cross_entropy_in_the_graph_is_that_of_numpy():
    from aelab.training import losses

    targets, outputs = np.random.default_rng(7).uniform(0.01, 0.99, (2, 6, 9)).astype(np.float32)
    expected = measures.cross_entropy_per_image(targets, outputs).mean()
    # Of terms with one sign, each a product with a logarithm.
    error = gamma(9 + 6 + FUNCTION + 4)
    assert float(losses.cross_entropy(targets, outputs)) == pytest.approx(expected, rel=error)


@pytest.mark.parametrize("width", [1, 97, 127, 784])
def test_logarithms_of_products_do_not_underflow(width):
    """The smallest product has only halves: the cross-entropy of images that the model has no opinion of."""
    from aelab.training import losses

    values = np.stack([np.full(width, 0.5), np.ones(width), np.random.default_rng(6).uniform(0.5, 1, width)])
    values = values.astype(np.float32).astype(np.float64)
    found = losses.sum_of_logs(values.astype(np.float32))
    # A product of n numbers has n roundings, and so has its logarithm; parts of it add up.
    error = gamma(width + FUNCTION)
    np.testing.assert_allclose(found, np.log(values).sum(axis=1), rtol=error, atol=error)
    nothing = np.zeros((2, width), np.float32)
    # Products of halves are exact; what is rounded are logarithms, 127 at most (127 is prime), and their sum.
    error = gamma(FUNCTION + 127 + 2)
    assert float(losses.cross_entropy_of_logits(nothing, nothing)) == pytest.approx(width * np.log(2), rel=error)


def test_softplus_is_that_of_numpy():
    """Far from zero as well, and with its gradient; in bfloat16 it is TensorFlow's own, which computes in float32."""
    import tensorflow as tf

    from aelab.inference import layers
    from aelab.training import networks

    x = np.r_[np.linspace(-120, 120, 10_001), -1e4, 1e4].astype(np.float32)
    values = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(values)
        found = networks.softplus(values)
    exact, slopes = (function(x.astype(np.float64)) for function in (layers.softplus, layers.sigmoid))
    np.testing.assert_allclose(found, exact, rtol=gamma(1), atol=gamma(2 * FUNCTION))  # a logarithm of a sigmoid
    np.testing.assert_allclose(tape.gradient(found, values), slopes, rtol=0, atol=gamma(FUNCTION))
    coarse = tf.cast(values, tf.bfloat16)
    assert (networks.softplus(coarse) == tf.nn.softplus(coarse)).numpy().all()
    network = networks.layers([2], ["softplus"], 3, "encoder")
    assert network.layers[0].activation is networks.softplus


@pytest.mark.parametrize("entry", [dense_entry(), conv_entry()])
def test_loss_is_cross_entropy_plus_kl(entry, images):
    """Against NumPy in float64 with the very noise that the loss draws."""
    import tensorflow as tf

    model = weighted(kinds.create(entry))
    seed = tf.constant([7, 8])
    noise = tf.random.stateless_normal((len(images), entry["code_size"]), seed).numpy()
    expected, error = negative_elbo(in_numpy(model), images, noise)
    assert float(model.loss(images, images, seed, training=True)) == pytest.approx(expected, rel=0, abs=error)


@pytest.mark.parametrize("loss", ["squared_error", "mean_squared_error"])
def test_loss_is_the_error_plus_kl(loss, images):
    """Against NumPy in float64 with the very noise that the loss draws."""
    import tensorflow as tf

    model, seed = weighted(kinds.create(conv_entry(loss=loss))), tf.constant([7, 8])
    noise = tf.random.stateless_normal((len(images), 2), seed).numpy().astype(np.float64)
    mean, log_sigma = (values.astype(np.float64) for values in in_numpy(model).statistics(images))
    outputs = in_numpy(model).decode(mean + noise * np.exp(log_sigma)).astype(np.float64)
    errors = np.square(outputs - images)
    error = errors.sum(1).mean() if loss == "squared_error" else errors.mean()
    kl = measures.kl_per_dimension(mean, log_sigma).sum(1).mean()
    # The outputs are rounded to float32, some 1e-6 of numbers below one.
    assert float(model.loss(images, images, seed, training=True)) == pytest.approx(error + kl, rel=1e-5)
    assert error > 0.01 * kl


def test_squared_error_is_the_likelihood_of_a_variance_of_one_half():
    from scipy import stats

    from aelab.training import losses

    images, outputs = np.random.default_rng(9).random((2, 6, 9))
    surprise = -stats.norm.logpdf(images, outputs, np.sqrt(0.5)).sum(1).mean()
    constant = 9 * np.log(np.pi) / 2
    found = float(losses.squared_error(images.astype(np.float32), outputs.astype(np.float32)))
    assert found == pytest.approx(surprise - constant, rel=gamma(9 + 6 + 4 + 10))


def test_measures_add_up(images):
    model = in_numpy(kinds.create(dense_entry()))
    found = of_variational(model, images, np.random.default_rng(5))
    assert found["test_negative_elbo"] == pytest.approx(found["test_cross_entropy"] + found["test_kl"])
    assert found["test_kl"] == pytest.approx(sum(found[f"kl_{n}"] for n in (1, 2, 3)))


def test_a_unit_whose_mean_does_not_move_is_not_active(images):
    model = kinds.create(dense_entry())
    kernel, bias = model.networks["encoder"].layers[-1].get_weights()
    kernel *= 10
    kernel[:, 1] = 0
    model.networks["encoder"].layers[-1].set_weights([kernel, bias])
    model = in_numpy(model)
    codes = model.encode(images).astype(np.float64)
    found = of_variational(model, images, np.random.default_rng(5))["active_units"]
    assert found == (codes.var(0) > 0.01).sum() <= 2


def test_reconstruction_goes_through_the_mean(images):
    model = in_numpy(kinds.create(conv_entry()))
    np.testing.assert_array_equal(model.reconstruct(images), model.decode(model.encode(images)))
    assert (model.reconstruct(images) > 0).all() and (model.reconstruct(images) < 1).all()


def test_cross_entropy_of_logits_is_that_of_probabilities(images):
    logits = np.random.default_rng(6).normal(size=images.shape)
    probabilities = 1 / (1 + np.exp(-logits))
    expected = measures.cross_entropy_per_image(images, probabilities)
    assert measures.cross_entropy_of_logits_per_image(images, logits) == pytest.approx(expected)


def test_floors_of_the_cross_entropy(mnist_folder):
    """No model of grey pixels gets below the test images themselves; the mean image is where a collapse ends."""
    test = unit(idx.read_images(mnist_folder / "t10k-images-idx3-ubyte"))
    mean = idx.read_images(mnist_folder / "train-images-idx3-ubyte").mean(0, dtype=np.float64) / 255
    assert measures.cross_entropy_per_image(test, test).mean() == pytest.approx(45.53, abs=0.005)
    assert measures.cross_entropy_per_image(test, np.tile(mean, (len(test), 1))).mean() == pytest.approx(
        205.8, abs=0.05
    )

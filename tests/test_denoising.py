"""The denoising study: contractive penalties, the Wiener filter, PSNR and SSIM, nearest images."""

import numpy as np
import pytest
import rounding
from rounding import FUNCTION, STANDARD_ERRORS, gamma

from aelab.analysis import measures, neighbours
from aelab.inference import linear


def entry(widths, activations, weight=1.0):
    return {
        "kind": "dense",
        "image_shape": (28, 28),
        "loss": "mse",
        "contractive_weight": weight,
        "encoder": {"widths": widths, "activations": activations},
        "decoder": {"widths": [784], "activations": ["sigmoid"]},
    }


def contractive(widths, activations, images=6):
    """A small model, images for it, and the encoder's Jacobians by automatic differentiation, (n, k, 784), float64."""
    keras = pytest.importorskip("keras")
    import tensorflow as tf

    from aelab.kinds import architectures

    keras.utils.set_random_seed(3)
    model = architectures.create(entry(widths, activations))
    inputs = tf.constant(np.random.default_rng(4).random((images, 784), np.float32))
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        codes = model.code(inputs)
    return model, inputs, tape.batch_jacobian(codes, inputs).numpy().astype(np.float64)


def penalty(jacobians):
    """The exact penalty: squared Frobenius norms, mean over the images."""
    return (jacobians**2).sum(axis=(1, 2)).mean()


# Of a layer of 7: squares of 784 weights, of 7 slopes and of 6 images add up, all of one sign; a slope has a function.
ROUNDED = gamma(784 + 7 + 6 + 4 * FUNCTION)


@pytest.mark.parametrize("activation", ["sigmoid", "relu"])
def test_closed_form_of_the_contractive_penalty_is_that_of_automatic_differentiation(activation):
    model, inputs, jacobians = contractive([7], [activation])
    assert float(model.contractive_penalty(inputs, [0, 0])) == pytest.approx(penalty(jacobians), rel=ROUNDED)


@pytest.mark.parametrize("activations", [["relu", "linear"], ["sigmoid", "tanh"]])
def test_random_projections_estimate_the_contractive_penalty_without_bias(activations):
    """||v'J||^2 over v from N(0, I) has the variance 2 ||JJ'||^2 (Frobenius), image by image."""
    model, inputs, jacobians = contractive([9, 5], activations)
    draws = [float(model.contractive_penalty(inputs, [1, number])) for number in range(400)]
    variances = 2 * ((jacobians @ jacobians.transpose(0, 2, 1)) ** 2).sum(axis=(1, 2))
    error = np.sqrt(variances.sum() / len(jacobians) ** 2 / len(draws))
    assert np.mean(draws) == pytest.approx(penalty(jacobians), rel=0, abs=STANDARD_ERRORS * error)


def test_the_penalty_is_added_to_the_loss_with_its_weight():
    model, inputs, jacobians = contractive([7], ["sigmoid"])
    plain = type(model)({**model.entry, "contractive_weight": 0})
    for own, other in zip(plain.variables, model.variables, strict=True):
        own.assign(other)
    with_penalty, without = (float(each.loss(inputs, inputs, [0, 0], True)) for each in (model, plain))
    exact = penalty(jacobians)
    error = ROUNDED * exact + gamma(1) * with_penalty
    assert with_penalty - without == pytest.approx(exact, rel=0, abs=error)


def test_tied_weights_are_the_encoders_transposed(tmp_path):
    keras = pytest.importorskip("keras")
    from aelab.kinds import architectures
    from aelab.kinds.models import read_model

    keras.utils.set_random_seed(5)
    settings = entry([9, 5], ["relu", "linear"]) | {"tied": True, "input_size": 12}
    settings["decoder"] = {"widths": [9, 12], "activations": ["relu", "sigmoid"]}
    model = architectures.create(settings)
    model.save(tmp_path / "tied.npz")
    arrays = architectures.create(settings).load(tmp_path / "tied.npz").named
    assert sum("kernel" in name for name in arrays) == 2
    first, second = (arrays[f"encoder/encoder_{n}/kernel"].numpy().astype(np.float64) for n in (1, 2))
    images = np.random.default_rng(6).random((4, 12), np.float32)
    hidden = np.maximum(np.maximum(images @ first, 0) @ second @ second.T, 0)
    expected = 1 / (1 + np.exp(-hidden @ first.T))
    found = read_model(tmp_path / "tied.npz")
    codes, error = rounding.of_network(found.networks["encoder"], found.arrays, images)
    _, error = rounding.of_network(found.networks["decoder"], found.arrays, codes, error)
    for reconstructions in (model.decoded(model.code(images)), found.reconstruct(images)):
        np.testing.assert_allclose(reconstructions, expected, rtol=0, atol=error.max())


def test_wiener_filter_of_a_linear_gaussian_toy():
    """Signals with known variances along orthogonal directions: each is shrunk by s^2 / (s^2 + sigma^2).

    The matrix's numbers and the offset have the standard errors of a linear regression's coefficients.
    """
    draw, n, sigma = np.random.default_rng(5), 200_000, 0.4
    deviations = np.array([2.0, 1.0, 0.3, 0.0])
    directions = np.linalg.qr(draw.standard_normal((4, 4)))[0]
    mean = np.array([1.0, -2.0, 0.5, 3.0])
    clean = mean + (draw.standard_normal((n, 4)) * deviations) @ directions.T
    matrix, offset = linear.wiener_filter(clean, clean + sigma * draw.standard_normal((n, 4)))
    variances = deviations**2 + sigma**2
    shrunk = directions @ np.diag(deviations**2 / variances) @ directions.T
    left = max(deviations**2 * sigma**2 / variances)  # the largest variance that no filter explains
    error = np.sqrt(left / n / variances.min())
    np.testing.assert_allclose(matrix, shrunk, rtol=0, atol=STANDARD_ERRORS * error)
    error = np.sqrt(left / n * (1 + ((mean @ directions) ** 2 / variances).sum()))
    np.testing.assert_allclose(offset, mean - mean @ shrunk, rtol=0, atol=STANDARD_ERRORS * error)


def digits(n=5):
    """Blurry blobs with pixels in [0, 1], (n, 784)."""
    rows, columns = np.mgrid[:28, :28]
    centres = np.random.default_rng(6).uniform(8, 20, (n, 2))
    squared = (rows - centres[:, :1, None]) ** 2 + (columns - centres[:, 1:, None]) ** 2
    return np.exp(-squared / 30).reshape(n, 784)


def test_psnr_of_a_known_error():
    images = digits()
    assert measures.psnr(images, images + 0.1) == pytest.approx(20)
    assert measures.psnr(images, images) == pytest.approx(120)
    # The mean over images of their PSNR, not the PSNR of the mean error.
    assert measures.psnr(images[:2], images[:2] + [[0.1], [0.01]]) == pytest.approx(30)


def ssim_by_scipy(x, y):
    """SSIM of two images (28, 28) window by window, in float64, as Wang et al. (2004) write it."""
    ndimage = pytest.importorskip("scipy.ndimage")
    impulse = np.zeros((11, 11))
    impulse[5, 5] = 1
    window = ndimage.gaussian_filter(impulse, 1.5, radius=5)
    values = []
    for row in range(18):
        for column in range(18):
            a, b = (image[row : row + 11, column : column + 11].astype(np.float64) for image in (x, y))
            mean_a, mean_b = (window * a).sum(), (window * b).sum()
            var_a, var_b = (window * (a - mean_a) ** 2).sum(), (window * (b - mean_b) ** 2).sum()
            covariance = (window * (a - mean_a) * (b - mean_b)).sum()
            values.append(
                (2 * mean_a * mean_b + 1e-4)
                * (2 * covariance + 9e-4)
                / ((mean_a**2 + mean_b**2 + 1e-4) * (var_a + var_b + 9e-4))
            )
    return np.mean(values)


def rounded_ssim(*images):
    """How far rounding may move the SSIM of images: sums over 11 rows and columns of products, above a constant."""
    return gamma(4 * 11 + 10, np.float64) * 4 * max(np.abs(image).max() for image in images) ** 2 / 0.03**2


def test_ssim_is_the_definition_computed_window_by_window():
    images = digits()
    noisy = images + 0.2 * np.random.default_rng(7).standard_normal(images.shape)
    expected = np.mean([ssim_by_scipy(*(a.reshape(28, 28) for a in pair)) for pair in zip(images, noisy, strict=True)])
    error = rounded_ssim(images, noisy)
    assert measures.ssim(images, noisy, (28, 28)) == pytest.approx(expected, rel=0, abs=error)
    assert measures.ssim(images, noisy, (28, 28), batch_size=2) == pytest.approx(expected, rel=0, abs=error)


def test_ssim_is_one_for_equal_images_symmetric_and_falls_with_noise():
    images = digits()
    noise = np.random.default_rng(8).standard_normal(images.shape)
    found = [measures.ssim(images, images + amount * noise, (28, 28)) for amount in (0.0, 0.1, 0.2, 0.4)]
    assert found[0] == pytest.approx(1, rel=0, abs=rounded_ssim(images))
    assert found == sorted(found, reverse=True)
    noisy = images + noise
    error = rounded_ssim(images, noisy)
    assert measures.ssim(images, noisy, (28, 28)) == pytest.approx(
        measures.ssim(noisy, images, (28, 28)), rel=0, abs=error
    )


def test_nearest_is_that_of_scikit_learn():
    """Pixels in sixteenths: float32 holds every squared distance, so that no processor finds another neighbour."""
    sklearn_neighbors = pytest.importorskip("sklearn.neighbors")
    draw = np.random.default_rng(9)
    points, references = (draw.integers(0, 17, (n, 784)) / 16 for n in (70, 120))
    index = sklearn_neighbors.NearestNeighbors(n_neighbors=2, algorithm="brute").fit(references)
    distances, rows = neighbours.nearest_images(points, references, batch_size=32)
    np.testing.assert_allclose(distances, index.kneighbors(points)[0][:, 0])
    np.testing.assert_array_equal(rows, index.kneighbors(points)[1][:, 0])
    others, _ = neighbours.nearest_images(references[:50], references, itself=True, batch_size=32)
    np.testing.assert_allclose(others, index.kneighbors(references[:50])[0][:, 1])

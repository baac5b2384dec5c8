"""Tangent spaces, their angles and the Jacobians that they come from."""

import numpy as np
import pytest
import rounding
from scipy import ndimage
from sklearn.decomposition import PCA

from aelab.analysis import tangents


@pytest.fixture
def generator():
    return np.random.default_rng(5)


@pytest.fixture
def blob():
    """A smooth, lopsided image (784,), for which finite differences are exact to a per cent."""
    y, x = np.mgrid[:28, :28]
    image = np.exp(-((x - 10) ** 2) / 8 - (y - 15) ** 2 / 20) + 0.7 * np.exp(-((x - 18) ** 2 + (y - 10) ** 2) / 8)
    return image.ravel() / image.max()


def cosine(a, b):
    return float(a.ravel() @ b.ravel() / np.linalg.norm(a) / np.linalg.norm(b))


def test_shifts_and_rotation_are_the_derivatives_of_moving_and_turning_an_image(blob):
    plane = ndimage.gaussian_filter(blob.reshape(28, 28), 0.9)
    found = dict(zip(tangents.TRANSFORMATIONS, tangents.analytic_tangents(blob[None])[0], strict=True))
    step = 0.25
    # scipy's angle turns an image with the origin above anticlockwise as shown.
    moved = {
        "shift_x": [ndimage.shift(plane, (0, sign * step), order=3) for sign in (1, -1)],
        "shift_y": [ndimage.shift(plane, (sign * step, 0), order=3) for sign in (1, -1)],
        "rotation": [ndimage.rotate(plane, -sign, reshape=False, order=3) for sign in (1, -1)],
    }
    for name, (forward, backward) in moved.items():
        assert cosine(forward - backward, found[name]) > 0.99, name


def test_thickness_grows_the_edges(blob):
    plane = blob.reshape(28, 28)
    thicker = ndimage.grey_dilation(plane, footprint=ndimage.generate_binary_structure(2, 1))
    found = tangents.analytic_tangents(blob[None])[0, 3]
    assert (found >= 0).all()
    assert cosine(thicker - plane, found) > 0.8


def test_local_components_are_those_of_scikit_learn(generator):
    neighbours = generator.random((3, 20, 784))
    found, variances = tangents.local_components(neighbours, 6)
    for n in range(3):
        pca = PCA(6, svd_solver="full").fit(neighbours[n])
        # Each number of a component is rounded to float32 once.
        np.testing.assert_allclose(
            np.abs(np.sum(found[n] * pca.components_, axis=1)), 1, rtol=0, atol=rounding.gamma(1)
        )
        np.testing.assert_allclose(variances[n], pca.explained_variance_)


def test_svd_of_product_is_the_svd_of_the_whole_matrix(generator):
    left, right = generator.standard_normal((4, 50, 5)), generator.standard_normal((4, 5, 30))
    values, right_vectors, left_vectors = tangents.svd_of_product(left, right)
    for n in range(4):
        u, s, v = np.linalg.svd(left[n] @ right[n])
        np.testing.assert_allclose(values[n], s[:5])
        np.testing.assert_allclose(np.abs(np.sum(right_vectors[n] * v[:5], axis=1)), 1)
        np.testing.assert_allclose(np.abs(np.sum(left_vectors[n] * u.T[:5], axis=1)), 1)


def test_principal_angles_of_known_spaces(generator):
    basis = np.linalg.qr(generator.standard_normal((784, 784)))[0].T
    a, b = basis[:3], basis[3:6]
    turned = np.cos(np.radians([10, 30, 90]))[:, None] * a + np.sin(np.radians([10, 30, 90]))[:, None] * b
    mixing = np.linalg.qr(generator.standard_normal((3, 3)))[0]
    np.testing.assert_allclose(tangents.principal_angles((mixing @ turned) @ a.T), [10, 30, 90])
    np.testing.assert_allclose(tangents.angles_to_space(a @ turned.T), [10, 30, 90])


def test_participation_ratio_counts_equal_directions():
    assert tangents.participation_ratio([2, 2, 2, 0]) == pytest.approx(3)
    assert tangents.participation_ratio([5, 0, 0, 0]) == pytest.approx(1)


def test_jacobians_of_a_linear_model_are_its_weights(generator):
    from aelab.kinds.dense import architecture as dense
    from aelab.training import devices, jacobians

    devices.prepare(0)
    stack = {"widths": [5], "activations": ["linear"]}
    entry = {"encoder": stack, "decoder": {"widths": [784], "activations": ["linear"]}, "loss": "mse"}
    model = dense.Architecture(entry)
    images = generator.random((7, 784), np.float32)
    kernels = [model.networks[part].layers[0].kernel.numpy() for part in ("encoder", "decoder")]
    encoder = jacobians.of_encoder(model, batch_size=4)(images)
    decoder = jacobians.of_decoder(model, 5, batch_size=4)(model.code(images).numpy())
    # Weights times one, and zeros: nothing to round.
    np.testing.assert_array_equal(encoder, np.broadcast_to(kernels[0].T, (7, 5, 784)))
    np.testing.assert_array_equal(decoder, np.broadcast_to(kernels[1].T, (7, 784, 5)))


def test_singular_vectors_of_a_reconstruction_do_not_depend_on_the_codes_coordinates(generator):
    """Up to rounding in float64, which the coordinates' condition number multiplies."""
    decoder, encoder = generator.standard_normal((2, 60, 4)), generator.standard_normal((2, 4, 60))
    stretched = np.diag([100.0, 1, 1, 0.01]) @ generator.standard_normal((4, 4))
    plain = tangents.svd_of_product(decoder, encoder)
    same = tangents.svd_of_product(decoder @ np.linalg.inv(stretched), stretched @ encoder)
    norms = np.linalg.norm(decoder, axis=(1, 2)) * np.linalg.norm(encoder, axis=(1, 2)) * np.linalg.cond(stretched)
    for n, (values, norm) in enumerate(zip(plain[0], norms, strict=True)):
        np.testing.assert_allclose(values, same[0][n], rtol=0, atol=rounding.gamma(60 * 4, np.float64) * norm)
        turned = rounding.turned([*values, 0], 60 * 4, norm)
        for a, b in zip(plain[1:], same[1:], strict=True):
            np.testing.assert_allclose(a[n], b[n], rtol=0, atol=turned)


def test_angles_of_the_study_are_ninety_or_zero_where_they_must_be():
    import measure_tangent_angles

    # Leading two vectors: one inside the neighbours' space and one that is the first transformation.
    overlaps = np.zeros((1, 3, 2 + 4))
    overlaps[0, 0, 0] = overlaps[0, 1, 2] = overlaps[0, 2, 1] = 1
    neighbours, transformations = measure_tangent_angles.angles(overlaps, 2)
    np.testing.assert_allclose(neighbours, [45])
    np.testing.assert_allclose(transformations, [[0, 90, 90, 90]])

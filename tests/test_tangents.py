"""Tangent spaces, their angles and the Jacobians that they come from."""

import numpy as np
import pytest
import rounding
import small
from scipy import ndimage
from sklearn.decomposition import PCA

from aelab.analysis import measures, tangents
from aelab.data import idx, splits
from aelab.plan import configuration, strict_yaml
from aelab.plan.plan import Plan
from aelab.plan.results import WORKFLOW


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
    found = dict(zip(tangents.TRANSFORMATIONS, tangents.analytic_tangents(blob[None], (28, 28))[0], strict=True))
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
    found = tangents.analytic_tangents(blob[None], (28, 28))[0, 3]
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
    entry = {
        "image_shape": (28, 28),
        "encoder": stack,
        "decoder": {"widths": [784], "activations": ["linear"]},
        "loss": "mse",
    }
    model = dense.Architecture(entry)
    images = generator.random((7, 784), np.float32)
    kernels = [model.networks[part].layers[0].kernel.numpy() for part in ("encoder", "decoder")]
    encoder = jacobians.of_encoder(model, 784, batch_size=4)(images)
    decoder = jacobians.of_decoder(model, 5, 784, batch_size=4)(model.code(images).numpy())
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


def bases(generator, vectors, images=3, size=60):
    draws = generator.standard_normal((images, size, vectors))
    return np.linalg.qr(draws)[0].transpose(0, 2, 1)


@pytest.mark.parametrize("dimension", [1, 4, 8, 16])
def test_angles_in_every_dimension_are_scipys(dimension, generator):
    import measure_tangent_angles
    from scipy.linalg import subspace_angles

    of_model, neighbours = bases(generator, 20), bases(generator, 16)
    transformations = generator.standard_normal((3, 4, 60))
    transformations /= np.linalg.norm(transformations, axis=2, keepdims=True)
    overlaps = of_model @ np.concatenate([neighbours, transformations], axis=1).transpose(0, 2, 1)
    to_neighbours, to_transformations = measure_tangent_angles.angles(overlaps, dimension)
    for n in range(3):
        leading = of_model[n, :dimension].T
        expected = np.degrees(subspace_angles(leading, neighbours[n, :dimension].T)).mean()
        assert to_neighbours[n] == pytest.approx(expected)
        expected = [np.degrees(subspace_angles(leading, tangent[:, None]))[0] for tangent in transformations[n]]
        np.testing.assert_allclose(to_transformations[n], expected)


def test_the_table_and_the_answers_have_a_row_for_every_dimension(generator):
    import answer_tangents
    import measure_tangent_angles

    by_image = {
        "dimensions": np.array([4, 8]),
        "neighbours": 90 * generator.random((2, 2, 2, 3, 5)),
        "transformations": 90 * generator.random((2, 2, 2, 3, 5, 4)),
        "participation_ratio": generator.random((2, 2, 2, 5)),
    }
    keys = ("neighbours", "further")
    references = {key: bases(generator, 8, images=5).astype(np.float32) for key in keys}
    references |= {"transformations": bases(generator, 4, images=5), "all_images": bases(generator, 8, images=1)[0]}
    members = [{"name": "plain", "group": "published"}, {"name": "denoising", "group": "published"}]
    table = measure_tangent_angles.table(members, by_image, references)
    assert len(table) == 2 * (2 * 2 * 3 + 3)
    table["inputs"] = table["inputs"].replace("", np.nan)  # as read from a file
    found = dict(answer_tangents.of_spaces(table))
    assert found["denoising.corrupted.left.in_8.neighbours"] == pytest.approx(by_image["neighbours"][1, 1, 1, 2].mean())
    expected = by_image["transformations"][0, 0, 0, 0].mean()
    assert found["plain.clean.encoder.in_4.transformations"] == pytest.approx(expected)
    assert found["plain.clean.participation_ratio"] == pytest.approx(by_image["participation_ratio"][0, 0, 1].mean())
    assert found["random.in_4.neighbours"] > 45
    nearer = dict(answer_tangents.of_pairs(members, by_image))
    angles = by_image["neighbours"][0, :, 1, 1]
    assert nearer["published.corrupted.in_4.nearer_to_neighbours"] == (angles[1] < angles[0]).mean()
    angles = by_image["transformations"][1, :, 0, 2].mean(axis=2)
    assert nearer["published.clean.left.in_8.nearer_to_transformations"] == (angles[1] < angles[0]).mean()


def test_corrections_are_compared_with_the_way_back(generator):
    from sklearn.metrics.pairwise import cosine_similarity

    images, corrupted, corrected = generator.random((3, 600, 50))
    found = measures.correction_cosine_per_image(images, corrupted, corrected)
    np.testing.assert_allclose(found, cosine_similarity(corrected - corrupted, images - corrupted).diagonal())
    half_way = (images + corrupted) / 2
    np.testing.assert_allclose(measures.correction_cosine_per_image(images, corrupted, half_way), 1)
    np.testing.assert_array_equal(measures.correction_cosine_per_image(images, corrupted, corrupted), 0)
    away = 2 * corrupted - images
    np.testing.assert_allclose(measures.correction_cosine_per_image(images, corrupted, away), -1)


def test_a_denoisers_correction_is_measured_on_noisy_images(generator):
    """A model that answers every image with the same one: its cosine is that image's."""
    import evaluate_model

    class Constant:
        learns, parameters = "images", 0

        def encode(self, images):
            return images[:, :2]

        def decode(self, codes):
            return np.full((len(codes), 64), 0.5, np.float32)

        def reconstruct(self, images):
            return self.decode(images)

    class Zero:
        def read(self, images):
            return np.zeros(len(images), int), np.ones(len(images))

    images, noise = generator.random((2, 30, 64), np.float32)
    metrics, _ = evaluate_model.evaluate(
        Constant(), images, np.zeros(30, int), (8, 8), 10, judge=Zero(), corrupted=images + noise
    )
    expected = [cosine(0.5 - (x + n), -n) for x, n in zip(images, noise, strict=True)]
    assert metrics["test_correction_cosine"] == pytest.approx(np.mean(expected), rel=1e-5)


def test_examples_are_read_in_every_model_and_input():
    import answer_tangents
    import read_examples

    from aelab.data.shown import Shown

    class Shift:
        def __init__(self, by):
            self.by = by

        def reconstruct(self, images):
            return np.roll(images, self.by, axis=1)

    class Brightest:
        def read(self, images):
            return images.argmax(axis=1), images.max(axis=1)

    data = Shown((1, 3), ["x", "y", "z"], "letter", "letters")
    given = {"clean": np.eye(3), "corrupted": np.eye(3)[[0, 0, 2]]}
    models = {"right": Shift(0), "wrong": Shift(1)}
    table = read_examples.readings(models, Brightest(), given, np.arange(3), data)
    assert table["read_as"].tolist() == ["x", "y", "z", "x", "x", "z", "y", "z", "x", "y", "y", "x"]
    for column in ("digit", "read_as"):
        table[column] = data.numbers(table[column])
    found = dict(answer_tangents.of_examples(table))
    assert [found[f"{model}.clean.examples_read_right"] for model in models] == [3, 0]
    assert (found["right.corrupted.examples_read_right"], found["right.corrupted.example_read_as.1"]) == (2, 0)
    assert found["wrong.clean.example_read_as.2"] == 0


def test_losses_are_the_extremes_of_both_curves():
    import answer_tangents
    import pandas as pd

    history = pd.DataFrame({"training_loss": [0.11, 0.03, 0.02], "validation_loss": [0.09, 0.025, 0.022]})
    only = history.assign(validation_loss=np.nan)
    found = dict(answer_tangents.of_histories([{"name": "a"}, {"name": "b"}], [history, only]))
    assert found == {"a.lowest_loss": 0.02, "a.highest_loss": 0.11, "b.lowest_loss": 0.02, "b.highest_loss": 0.11}


def test_the_training_images_are_those_that_were_published(mnist):
    """In the order in which the publication prints them; the first 5,000 images of the files validate."""
    plan = Plan(configuration.load(small.default()))
    for model in ("conv_32", "conv_32_denoising", "conv_32_corrected", "pca_32"):
        found = splits.split(plan.splitting(plan.models[model]["split"])["split"])
        labels = idx.read_labels(mnist / "train-labels-idx1-ubyte")
        assert "".join(map(str, labels[found["train"][:10]])) == "7346181098"
        np.testing.assert_array_equal(found["train"], np.arange(5000, 60_000))
        np.testing.assert_array_equal(found["validation"], np.arange(5000))
        np.testing.assert_array_equal(found["test"], np.arange(10_000))


def test_a_split_in_order_goes_on_with_the_first_image():
    settings = {"kind": "in_order", "images": 7, "start": 4, "train": 5, "validation": 2}
    found = splits.split(settings)
    assert found["train"].tolist() == [4, 5, 6, 0, 1] and found["validation"].tolist() == [2, 3]
    assert splits.split(settings | {"start": 0})["train"].tolist() == [0, 1, 2, 3, 4]


def bounds(answer):
    """The bounds of the check of an answer in this study's claims."""
    claims = strict_yaml.parse_yaml(WORKFLOW / "studies" / "tangents" / "claims.yaml")
    (check,) = [c for claim in claims for c in claim.get("checks", []) if c["value"] == f"answers.{answer}"]
    assert check["by"] == "print"  # of one training
    return check["of"] - check["within"], check["of"] + check["within"]


def labelled(lows, highs, labels):
    """Of all curves between these values, those for which Matplotlib draws exactly these labels."""
    import matplotlib
    from matplotlib import pyplot

    with matplotlib.rc_context(matplotlib.rcParamsDefault | {"backend": "Agg"}):
        figure, axes = pyplot.subplots()
        found = []
        for low in lows:
            for high in highs:
                axes.clear()
                axes.plot([0, 1], [low, high])
                bottom, top = axes.get_ylim()
                ticks = [tick for tick in axes.get_yticks() if bottom <= tick <= top]
                if len(ticks) == len(labels) and np.allclose(ticks, labels):
                    found.append((low, high))
        pyplot.close(figure)
    return np.array(found)


def test_the_bounds_of_the_learning_curve_follow_from_the_labels_of_its_axis():
    found = labelled(np.arange(0.3, 0.64, 0.02), np.arange(2.1, 2.46, 0.02), np.arange(0.5, 2.26, 0.25))
    for values, answer in zip(found.T, ("lowest_loss", "highest_loss"), strict=True):
        low, high = bounds(f"conv_32_denoising.{answer}")
        assert low <= 0.05 * values.min() and 0.05 * values.max() <= high
        assert high - low < 0.05 * (np.ptp(values) + 2 * 0.02)


def test_the_bounds_of_the_largest_singular_value_follow_from_the_labels_of_its_axis():
    found = labelled(np.arange(0, 0.1, 0.01), np.arange(1.25, 1.6, 0.01), np.arange(0, 1.41, 0.2))
    low, high = bounds("conv_32.clean.encoder.largest_singular_value")
    assert low <= found[:, 1].min() and found[:, 1].max() <= high
    assert high - low < np.ptp(found[:, 1]) + 2 * 0.01


def test_angles_of_the_study_are_ninety_or_zero_where_they_must_be():
    import measure_tangent_angles

    # Leading two vectors: one inside the neighbours' space and one that is the first transformation.
    overlaps = np.zeros((1, 3, 2 + 4))
    overlaps[0, 0, 0] = overlaps[0, 1, 2] = overlaps[0, 2, 1] = 1
    neighbours, transformations = measure_tangent_angles.angles(overlaps, 2)
    np.testing.assert_allclose(neighbours, [45])
    np.testing.assert_allclose(transformations, [[0, 90, 90, 90]])

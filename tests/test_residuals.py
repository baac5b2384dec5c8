"""The residuals' means and components, against other ways to compute them."""

import analyse_residuals
import numpy as np
import pandas as pd
import pytest
import rounding
import small
from sklearn.decomposition import PCA

from aelab.data import idx, splits
from aelab.data.shown import Shown
from aelab.plan import configuration
from aelab.plan.plan import Plan


@pytest.fixture
def residuals():
    generator = np.random.default_rng(8)
    mixing = generator.standard_normal((30, 784)) * np.linspace(3, 0.1, 30)[:, None]
    return (generator.standard_normal((400, 30)) @ mixing + 0.2).astype(np.float32)


def rounded_mean(residuals):
    """How far rounding in float64 may move the mean of residuals of either sign."""
    return rounding.gamma(len(residuals), np.float64) * np.abs(residuals).mean(axis=0).max()


def test_components_are_those_of_a_singular_value_decomposition(residuals):
    mean, components, shares = analyse_residuals.components(residuals, 5)
    centred = residuals.astype(np.float64) - residuals.astype(np.float64).mean(axis=0)
    _, values, vectors = np.linalg.svd(centred, full_matrices=False)
    np.testing.assert_allclose(mean, residuals.mean(axis=0, dtype=np.float64), atol=rounded_mean(residuals))
    np.testing.assert_allclose(np.abs(np.sum(components * vectors[:5], axis=1)), 1)
    np.testing.assert_allclose(shares, (values**2 / (values**2).sum())[:5])
    assert (components.max(axis=1) == np.abs(components).max(axis=1)).all()


def test_the_published_analysis_is_scikit_learns_of_the_transposed_matrix(residuals):
    mean, scores, shares = analyse_residuals.components_as_published(residuals, 5)
    absolute = np.abs(residuals.astype(np.float64))
    pca = PCA(6, svd_solver="full")
    expected = pca.fit_transform(absolute.T).T[:5]
    np.testing.assert_allclose(mean, absolute.mean(axis=0))
    signs = np.sign(np.sum(scores * expected, axis=1, keepdims=True))
    # The scores are eigenvectors of a matrix of products of 784 pixels, times the roots of the eigenvalues.
    values = pca.singular_values_
    turned = rounding.turned([*values**2, 0], 784 + absolute.size)
    np.testing.assert_allclose(scores, signs * expected, rtol=0, atol=values[0] * turned)
    np.testing.assert_allclose(shares, pca.explained_variance_ratio_[:5])


def test_signs_are_kept_and_ink_is_told_from_paper():
    images = np.zeros((2, 784), np.float32)
    images[:, :100] = 1
    residuals = np.where(images > 0, 0.3, -0.1)
    residuals[1] *= 2
    data = Shown((28, 28), [str(digit) for digit in range(10)], "digit", "digits")
    directions = np.zeros((2, 784))
    directions[0, 5], directions[1, 700] = -0.9, 0.09
    mean = residuals.mean(axis=0)
    row = analyse_residuals.row(residuals, images, np.array([3, 8]), mean, directions, np.array([0.5, 0.25]), data)
    assert row["on_ink"] == pytest.approx(0.45)
    assert row["beside_ink"] == pytest.approx(-0.15)
    assert (row["best_digit"], row["worst_digit"]) == ("3", "8")
    assert row["mse_of_worst_digit"] == pytest.approx(4 * row["mse_of_best_digit"])
    assert row["share_of_mean"] == pytest.approx(1.5**2 / ((1 + 4) / 2))
    assert row["share_of_all_shown"] == pytest.approx(0.75)
    assert row["correlation_with_mean_image"] == pytest.approx(1)
    assert row["least_share_of_one_scale"] == pytest.approx(0.09 / 0.9)


def test_a_residual_is_the_true_image_less_the_reconstruction():
    import subtract_reconstructions

    class Halving:
        def reconstruct(self, inputs):
            return inputs / 2

        def encode(self, inputs):
            return inputs / 4

    images, inputs = np.full((1, 784), 0.5), np.ones((1, 784))
    assert (subtract_reconstructions.residuals(Halving(), images, inputs, "reconstruction") == 0).all()
    assert (subtract_reconstructions.residuals(Halving(), images, images, "reconstruction") == 0.25).all()
    assert (subtract_reconstructions.residuals(Halving(), images, images, "code") == 0.375).all()


def test_the_wiener_filter_is_the_best_linear_map(residuals):
    """Of pixels in sixteenths whose means are too: float32 holds all products of the centred images and their sums."""
    import measure_wiener_filter

    generator = np.random.default_rng(9)
    clean = np.rint(np.clip(np.abs(residuals) / 10, 0, 1)[:, :40] * 16)
    noisy = clean + np.rint(1.6 * generator.standard_normal(clean.shape))
    means = 8, generator.integers(4, 13, 40)
    clean, noisy = (np.vstack([x, 2 * mean - x]) / 16 for x, mean in zip((clean, noisy), means, strict=True))
    found = measure_wiener_filter.filtered(clean, noisy, noisy)
    design = np.hstack([noisy, np.ones((len(noisy), 1))])
    solution, _, _, values = np.linalg.lstsq(design, clean, rcond=None)
    # Normal equations square the condition number; both solve by orthogonal matrices of the design's size.
    error = rounding.gamma(design.size, np.float64) * (values[0] / values[-1]) ** 2 * np.abs(clean).max()
    np.testing.assert_allclose(found, np.clip(design @ solution, 0, 1), rtol=0, atol=error)


def test_answers_are_named_by_model_inputs_and_column():
    import answer_residuals

    table = pd.DataFrame(
        [
            {"inputs": "corrupted", "model": "a", "output": "reconstruction", "mse": 0.01},
            {"inputs": "clean", "model": "b", "output": "code", "mse": 0.1},
        ]
    )
    found = dict(answer_residuals.answers(table, {"mse": 0.013, "mse_of_corrupted": 0.08}))
    assert found == {
        "wiener.mse": 0.013,
        "wiener.mse_of_corrupted": 0.08,
        "a.corrupted.mse": 0.01,
        "b.clean.code.mse": 0.1,
    }


def test_the_mean_image_is_as_good_as_its_squared_distance_says():
    import answer_residuals

    train, test = np.random.default_rng(4).integers(0, 256, (2, 50, 30), np.uint8)
    expected = np.square(test / 255 - train.mean(0) / 255).mean()
    # Squares of whole numbers up to 255 are exact in float32.
    assert answer_residuals.error_of_mean_image(train, test) == pytest.approx(expected, rel=1e-10)


def test_the_mean_image_of_the_published_training_images(mnist):
    """.06747 is the known error of the mean of all 60,000 training images; without 5,000 it is hardly another."""
    import answer_residuals

    train, test = (idx.read_images(mnist / f"{part}-images-idx3-ubyte") for part in ("train", "t10k"))
    assert answer_residuals.error_of_mean_image(train, test) == pytest.approx(0.06747, abs=5e-6)
    assert answer_residuals.error_of_mean_image(train[5000:], test) == pytest.approx(0.0675, abs=5e-5)


def test_jet_turned_grey_is_not_monotone():
    """Brightness of red, green and blue by the HSP model; one grey stands for a low and a high value."""
    import plot_published_residuals

    greys = plot_published_residuals.in_grey("jet")(np.arange(256))
    assert (greys[:, 0] == greys[:, 1]).all() and (greys[:, 0] == greys[:, 2]).all()
    # Jet is (0, 0, 0.5) at its beginning and (0.5, 0, 0) at its end.
    assert greys[0, 0] == pytest.approx(0.5 * 0.114**0.5) and greys[-1, 0] == pytest.approx(0.5 * 0.299**0.5)
    steps = np.sign(np.diff(greys[:, 0]))
    assert (steps > 0).any() and (steps < 0).any()
    assert 80 < greys[:, 0].argmax() < 200 and greys[:, 0].max() > 3 * greys[-1, 0]


def test_what_was_published_is_drawn_after_what_was_asked_for():
    import plot_published_residuals

    shown = [("tuned", "reconstruction"), ("stack", "reconstruction"), ("soft", "reconstruction"), ("soft", "code")]
    rows = plot_published_residuals.rows_drawn(pd.DataFrame(shown, columns=["model", "output"]))
    asked = [(0, "one_scale"), (0, "own_scales"), (2, "one_scale"), (2, "own_scales")]
    assert rows == [*asked, (3, "grey"), (3, "jet")]
    alone = plot_published_residuals.rows_drawn(pd.DataFrame(shown[:2], columns=["model", "output"]))
    assert alone == [(0, "one_scale"), (0, "own_scales")]


@pytest.mark.parametrize("model", ["stacked_784_softmax", "stacked_784_finetuned", "vae_20"])
def test_training_images_are_those_of_the_file_without_the_first_5000(model, mnist):
    plan = Plan(configuration.load(small.default()))
    assert plan.models[model]["split"] == "last_55k"
    found = splits.split(plan.splitting("last_55k")["split"])
    labels = idx.read_labels(mnist / "train-labels-idx1-ubyte")[found["train"]]
    assert "".join(map(str, labels[:10])) == "7346181098"
    np.testing.assert_array_equal(found["train"], np.arange(5000, 60_000))
    np.testing.assert_array_equal(found["validation"], np.arange(5000))


def test_each_published_layer_has_500_updates_on_100_images_drawn_at_random():
    plan = Plan(configuration.load(small.default()))
    for name in plan.models["stacked_784_softmax"]["layers"]:
        entry = plan.models[name]
        assert plan.updates(name) == 500 and entry["batch_size"] == 100 and entry["batches"] == "drawn"
        assert entry["tied"] and entry["initial_weights"] == "truncated_normal" and entry["corruption"] is None
        assert entry["loss"] == "rmse" and entry["decoder"]["activations"] == ["linear"]
        assert entry["optimizer"]["learning_rate"] == 0.007 and entry["optimizer"]["epsilon"] == 1e-8
    assert plan.updates("stacked_784_softmax") == 3 * 500

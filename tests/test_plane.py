"""The convolutional models of the plane, the classifiers made of their encoders, and the grids."""

import numpy as np
import pytest
from keras_models import in_numpy

from aelab.analysis import normal
from aelab.errors import ConfigurationError
from aelab.kinds import architectures
from aelab.kinds.models import read_model
from aelab.plan import configuration, entries, studies
from aelab.training import loop

PLANE = {
    "kind": "conv_plane",
    "image_shape": (28, 28),
    "filters": [4, 4],
    "activation": "relu",
    "code_activation": "relu",
    "output_activation": "relu",
    "loss": "mse",
}
CLASSIFIER = {
    "kind": "conv_classifier",
    "image_shape": (28, 28),
    "classes": 10,
    "filters": [4, 4],
    "activation": "relu",
    "frozen": False,
}
TRAINED = {
    "optimizer": {"kind": "adam", "learning_rate": 0.01, "schedule": "constant"},
    "batch_size": 10,
    "micro_batch": None,
    "shuffle": True,
    "epochs": 1,
    "updates": None,
}


class NoCheckpoint:
    """A checkpoint that keeps nothing."""

    folder = "."

    def load(self):
        return None

    def save(self, arrays):
        pass


@pytest.fixture
def images():
    return np.random.default_rng(1).integers(0, 256, (40, 784), dtype=np.uint8)


@pytest.mark.parametrize("filters", [[4], [4, 3], [4, 3, 2], [4, 3, 2, 2]])
def test_codes_are_two_numbers_and_outputs_are_images(filters, images):
    model = in_numpy(architectures.create(PLANE | {"filters": filters}))
    assert model.encode(images).shape == (40, 2)
    assert model.decode(np.ones((3, 2), np.float32)).shape == (3, 784)


def test_strict_models_have_no_negative_number_and_relaxed_ones_do(images):
    strict = in_numpy(architectures.create(PLANE))
    assert strict.encode(images).min() >= 0 and strict.reconstruct(images).min() >= 0
    relaxed = in_numpy(architectures.create(PLANE | {"code_activation": "linear", "output_activation": "linear"}))
    codes = np.random.default_rng(2).normal(size=(200, 2)).astype(np.float32)
    assert relaxed.decode(codes).min() < 0


def test_no_layer_is_dense():
    import keras

    model = architectures.create(PLANE)
    layers = [layer for network in model.networks.values() for layer in network.layers]
    assert not any(isinstance(layer, keras.layers.Dense) for layer in layers)


def trained_from(entry, start, images, tmp_path):
    """A classifier trained for an epoch from the encoder of `start`, and its weights before and after."""
    path = tmp_path / "start.npz"
    start.save(path)
    model = architectures.create(entry).load(path, partly=True)
    before = {name: variable.numpy() for name, variable in model.named.items()}
    labels = (np.arange(len(images)) % 10).astype(np.int32)
    loop.train(model, entry | TRAINED, loop.Examples(images, labels), None, "test", 1, NoCheckpoint())
    return before, {name: variable.numpy() for name, variable in model.named.items()}


@pytest.mark.parametrize("frozen", [True, False])
def test_frozen_layers_do_not_move_and_others_do(frozen, images, tmp_path):
    start = architectures.create(PLANE)
    before, after = trained_from(CLASSIFIER | {"frozen": frozen}, start, images, tmp_path)
    encoder = {name: variable.numpy() for name, variable in start.named.items() if name.startswith("encoder/")}
    shared = [name for name in before if name in encoder]
    assert len(shared) == 4 and "encoder/convolution_of_code/kernel" not in before
    for name in shared:
        assert (before[name] == encoder[name]).all()
        assert (after[name] == before[name]).all() == frozen
    assert (after["classifier/logits/kernel"] != before["classifier/logits/kernel"]).any()


def test_weights_of_a_frozen_classifier_are_saved_whole(images, tmp_path):
    model = architectures.create(CLASSIFIER | {"frozen": True})
    model.save(tmp_path / "weights.npz")
    again = architectures.create(CLASSIFIER | {"frozen": True}).load(tmp_path / "weights.npz")
    for name, variable in model.named.items():
        assert (again.named[name].numpy() == variable.numpy()).all()
    assert read_model(tmp_path / "weights.npz").parameters == 4 * 8 * 8 * 10 + 10


def configured(**classifier):
    """A checked configuration with one model of the plane and one classifier."""
    common = {"split": "all", "epochs": 1, "batch_size": 10, "watch": "none"}
    return configuration.load(
        {
            "datasets": {"mnist": {"kind": "mnist"}},
            "splits": {"all": {"kind": "in_order", "train": 100}},
            "corruptions": {},
            "judge": "judge",
            "models": {
                "judge": {"kind": "classifier", "filters": [2], **common},
                "plane": {"kind": "conv_plane", "filters": [4, 4], **common},
                "wide": {"kind": "conv_vae", "filters": [4], "code_size": 3, **common},
                "digits": {"kind": "conv_classifier", "filters": [4, 4], **common, **classifier},
            },
            "studies": {},
        }
    )


def test_classifiers_learn_labels():
    models = configured(starts_from="plane", frozen=True)["models"]
    assert {name for name, entry in models.items() if entries.learns_labels(entry)} == {"judge", "digits"}


@pytest.mark.parametrize(
    ("classifier", "key"),
    [
        ({"frozen": True}, "models.digits.frozen"),
        ({"starts_from": "wide"}, "models.digits.starts_from"),
        ({"starts_from": "plane", "filters": [4, 8]}, "models.digits.starts_from"),
    ],
)
def test_a_classifier_starts_from_its_own_encoder(classifier, key):
    with pytest.raises(ConfigurationError) as error:
        configured(**classifier)
    assert error.value.key == key


def test_only_codes_of_two_numbers_are_drawn_in_the_plane():
    config = configured()
    config["studies"] = {"latent_plane": {"plane_of": ["plane"], "classifiers": []}}
    studies.check_studies(config)
    config["studies"]["latent_plane"]["plane_of"].append("wide")
    with pytest.raises(ConfigurationError, match="code of 2, not 3"):
        studies.check_studies(config)


def test_a_study_does_not_draw_classifiers_among_autoencoders():
    config = configured()
    for group, model in (("published", "digits"), ("classifiers", "plane")):
        config["studies"] = {"latent_plane": {"plane_of": [], "classifiers": [], group: [model]}}
        with pytest.raises(ConfigurationError):
            studies.check_studies(config)


def test_middles_cut_the_normal_distribution_evenly():
    assert normal.cumulative(normal.middles(15)) == pytest.approx((np.arange(15) + 0.5) / 15)


def test_grid_spans_the_corners_of_the_codes():
    from decode_plane_grids import corners

    codes = np.array([[0, -2], [3, 5], [1, 1]], np.float32)
    values = corners(codes, 15)
    assert values.shape == (2, 15)
    assert (values[:, 0] == [0, -2]).all() and (values[:, -1] == [3, 5]).all()
    assert np.diff(corners(0 * codes, 15)).min() > 0


def test_images_lie_where_their_codes_lie():
    """The image of the smallest first and the largest second number is at the top left of the drawing."""
    from plot_plane_grid import limits

    from aelab.report.figures import mosaic

    images = np.zeros((3, 3, 28, 28), np.uint8)
    images[2, 0] = 255
    drawn = mosaic(images[::-1])
    assert drawn[:28, :28].min() == 255 and drawn.sum() == 255 * 784
    assert limits(np.array([1.0, 2.0, 3.0])) == (0.5, 3.5)


def test_cells_with_codes():
    from measure_grids import cells_with_codes

    values = np.array([[0, 1, 2], [0, 1, 2]])
    assert cells_with_codes(np.array([[0.1, 0.2], [0.2, 0.1], [2.4, 1.9]]), values) == pytest.approx(2 / 9)


def test_verdicts_on_fit():
    import pandas as pd
    from answer_latent_plane import judged

    fits = pd.DataFrame(
        {
            "model": ["a", "b", "c"],
            "train_loss": [0.01, 0.2, 0.01],
            "train_accuracy": [0.999, 0.95, 0.999],
            "test_loss": [0.03, 0.2, 0.04],
            "test_accuracy": [0.99, 0.95, 0.99],
        }
    )
    losses = [[0.05, 0.03, 0.03], [0.4, 0.3, 0.2], [0.03, 0.02, 0.04]]
    histories = [
        pd.DataFrame({"epoch": [1, 2, 3], "training_loss": [1, 1, 1], "validation_loss": loss}) for loss in losses
    ]
    table = judged(fits, histories, 1.1, 0.99)
    assert list(table["verdict"]) == ["fits", "underfits", "overfits"]
    assert list(table["lowest_at_epoch"]) == [2, 3, 2]

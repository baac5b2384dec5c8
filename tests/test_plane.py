"""The convolutional models of the plane, the classifiers made of their encoders, and the grids."""

import math

import numpy as np
import pytest
from keras_models import in_numpy

from aelab.analysis import normal
from aelab.errors import ConfigurationError, LabError
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
    "last_upsampling": True,
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
    "batches": "shuffled",
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


@pytest.mark.parametrize("shape", [(28, 28), (8, 8), (9, 20), (64, 64)])
@pytest.mark.parametrize("last_upsampling", [True, False])
def test_codes_are_one_by_two_maps(shape, last_upsampling):
    entry = PLANE | {"image_shape": shape, "filters": [4, 3, 2], "last_upsampling": last_upsampling}
    model = architectures.create(entry)
    assert model.networks["encoder"].get_layer("pooling_of_code").output.shape == (None, 1, 2, 1)
    assert model.networks["decoder"].get_layer("code").output.shape == (None, 1, 2, 1)
    assert in_numpy(model).decode(np.ones((3, 2), np.float32)).shape == (3, math.prod(shape))


def test_every_convolution_is_followed_by_an_activation_and_a_change_of_size():
    """As asked, on either side: 16 filters of 3 x 3, at the end one; a pooling or an upsampling after every one."""
    model = architectures.create(PLANE | {"filters": [16, 16, 16, 16]})
    for network, start, change in (
        ("encoder", "Conv2D", "MaxPooling2D"),
        ("decoder", "Conv2DTranspose", "UpSampling2D"),
    ):
        layers = [layer for layer in model.networks[network].layers if hasattr(layer, "kernel_size")]
        assert {type(layer).__name__ for layer in layers} == {start}
        assert [layer.filters for layer in layers] == [16, 16, 16, 16, 1]
        assert {layer.kernel_size for layer in layers} == {(3, 3)} and {layer.padding for layer in layers} == {"same"}
        names = [type(layer).__name__ for layer in model.networks[network].layers]
        for n, name in enumerate(names):
            if name == start:
                assert set(names[n + 1 : n + 3]) == {"Activation", change}


@pytest.mark.parametrize(("last_upsampling", "in_blocks"), [(True, True), (False, False)])
def test_pixels_come_in_blocks_after_the_last_upsampling(last_upsampling, in_blocks):
    entry = PLANE | {"output_activation": "linear", "last_upsampling": last_upsampling}
    codes = np.random.default_rng(2).normal(size=(20, 2)).astype(np.float32)
    planes = in_numpy(architectures.create(entry)).decode(codes).reshape(20, 14, 2, 14, 2)
    assert (np.ptp(planes, axis=(2, 4)).max() == 0) == in_blocks


@pytest.mark.parametrize("shape", [(28, 28), (9, 20), (11, 10), (8, 25)])
def test_error_of_blocks_is_that_of_the_best_image_in_blocks(shape):
    """Against a projection on the images that the padded blocks leave, by least squares."""
    from answer_latent_plane import error_of_blocks

    from aelab.kinds.conv_plane import architecture

    images = np.random.default_rng(3).random((5, math.prod(shape)))
    entry = {"image_shape": shape, "filters": [4, 4]}
    rows, columns = architecture.padded(entry)
    (top, _), (left, _) = architecture.padding(entry)
    blocks = np.eye(rows * columns // 4).reshape(-1, rows // 2, columns // 2).repeat(2, 1).repeat(2, 2)
    seen = blocks[:, top : top + shape[0], left : left + shape[1]].reshape(len(blocks), -1)
    best = np.linalg.lstsq(seen.T, images.T, rcond=None)[0].T @ seen
    assert error_of_blocks(images, shape) == pytest.approx(np.square(best - images).mean())


def test_a_collapsed_training_is_refused_unless_it_is_expected(images, monkeypatch):
    import train_model

    monkeypatch.setattr(train_model, "load_examples", lambda *_: (loop.Examples(images[:1].repeat(40, axis=0)), None))
    spec = {"entry": PLANE | TRAINED, "model": "plane", "seed": 1}
    with pytest.raises(LabError, match="collapsed"):
        train_model.fit(spec, {}, NoCheckpoint())
    train_model.fit(spec | {"entry": spec["entry"] | {"may_collapse": True}}, {}, NoCheckpoint())


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
    for group, model in (("asked", "digits"), ("classifiers", "plane")):
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
    found = cells_with_codes(np.array([[0.1, 0.2], [0.2, 0.1], [2.4, 0.9]]), values)
    assert (found == [[True, False, False], [False, False, True], [False, False, False]]).all()


def test_what_a_grid_shows_and_where():
    """A grid of three by three, whose rows go upwards and whose right column alone contains codes."""
    from measure_grids import row

    from aelab.data.shown import Shown

    data = Shown((2, 2), ["a", "b", "c"], "letter", "letters")
    read_as = np.array([[0, 0, 1], [0, 0, 1], [2, 2, 2]])
    sure = np.array([[1, 0, 1], [0, 0, 1], [0, 0, 0]])
    ink = np.array([[0, 10, 20], [30, 40, 50], [60, 70, 80]])
    arrays = {
        "points": np.stack(np.meshgrid([0.0, 1.0, 2.0], [0.0, 1.0, 2.0]), axis=-1),
        "images": ink[..., None].repeat(4, axis=-1).astype(np.uint8),
        "read_as": read_as,
        "confidence": np.where(sure, 0.95, 0.5),
    }
    codes = np.array([[2.0, 0.0], [2.0, 1.0], [2.0, 2.0]])
    found = row("model", "corners", arrays, codes, np.zeros((1, 4), np.uint8), data)
    assert found["cells_with_codes"] == pytest.approx(1 / 3) and found["surely_read"] == pytest.approx(1 / 3)
    assert found["surely_read_with_codes"] == pytest.approx(2 / 3)
    assert found["surely_read_without_codes"] == pytest.approx(1 / 6)
    assert [found[f"surely_read_as_{name}"] for name in "abc"] == [1, 2, 0] and found["digits_surely_read"] == 2
    assert [found[f"{side}_digit"] for side in ("left", "bottom", "top")] == ["a", "a", "c"]
    assert found["right_digit"] == "b"
    # Ranks of nine pixels' ink against ranks tied in threes: 1 - 6 sum(d^2) / 720 does not hold for ties, Pearson does.
    ranks = np.arange(9)
    assert found["ink_upwards"] == pytest.approx(np.corrcoef(ranks, ranks // 3)[0, 1])
    assert found["ink_to_the_right"] == pytest.approx(np.corrcoef(ranks, ranks % 3)[0, 1])


def compared(codes, labels):
    """The tables of `compare_neighbours` where every test code is a training code; images are random."""
    from compare_neighbours import compare

    from aelab.analysis import likeness
    from aelab.data.shown import Shown

    data = Shown((3, 3), ["a", "b", "c"], "letter", "letters")
    images = np.random.default_rng(4).random((len(codes), 9))
    look = likeness.distances(images, labels, 3), likeness.spreads(images, labels, 3)
    return compare(codes, labels, codes + np.float32([0, 1e-6]), labels, images, np.arange(len(codes)), look, data)


def test_digits_that_stand_out_are_marked():
    """A class on an axis, far from the two others, which share their codes."""
    draw = np.random.default_rng(5)
    labels = np.arange(1500) % 3
    codes = np.where(labels[:, None] == 0, [0, 9], draw.integers(2, 5, (1500, 2))).astype(np.float32)
    codes[labels == 0, 1] += draw.random(500, np.float32)
    digits, _, plane = compared(codes, labels)
    assert list(digits["stands_out"]) == ["better", "worse", "worse", ""]
    assert digits["p"].iloc[:3].max() < 1e-6 and digits["p"].iloc[3] < 1e-6
    assert list(digits["at_zero_percent"]) == pytest.approx([100, 0, 0, 100 / 3])
    own = plane.iloc[0]
    assert (own["digits_better"], own["digits_worse"], own["clipped_most_digit"]) == (1, 2, "a")
    assert own["clipped_most_over_all"] == pytest.approx(3)
    assert own["chance"] == pytest.approx(1 / 3) and own["expected_right"] == pytest.approx(500)
    assert own["expected_right_first_1000"] == pytest.approx(1000 / 3)
    assert own["first_mean"] == pytest.approx(codes[:, 0].mean()) and own["pairs"] == 3
    assert own["correlation"] == pytest.approx(np.corrcoef(codes.T)[0, 1], abs=1e-5)


def test_a_code_that_is_always_the_same_can_be_measured():
    digits, _, plane = compared(np.zeros((90, 2), np.float32), np.arange(90) % 3)
    assert np.isnan(plane["correlation"].iloc[0]) and plane["first_deviation"].iloc[0] == 0
    assert digits["at_zero_percent"].iloc[-1] == 100


def test_answers_of_classes_are_ones_and_zeros():
    import pandas as pd
    from answer_latent_plane import of_generators, of_reconstructions

    from aelab.data.shown import Shown

    data = Shown((2, 2), ["a", "b"], "letter", "letters")
    table = pd.DataFrame([{"model": "m", "grid": "corners", "surely_read_as_a": 0, "surely_read_as_b": 7, "ink": 0.5}])
    assert dict(of_generators(table, data)) == {
        "m.corners.recognised.0": 0,
        "m.corners.recognised.1": 1,
        "m.corners.ink": 0.5,
    }
    table = pd.DataFrame({"digit": [0, 1, 2], "read_as_its_digit": [0.4, np.nan, 0.1]})
    assert dict(of_reconstructions(["m"], [table])) == {
        "m.best_read_digit": 0,
        "m.best_read_share": 0.4,
        "m.worst_read_digit": 2,
        "m.worst_read_share": 0.1,
    }


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

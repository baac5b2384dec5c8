"""The kind `stack`: layers trained one by one, put together and mirrored."""

import numpy as np
import pytest
import rounding
from keras_models import in_numpy

from aelab.errors import ConfigurationError
from aelab.kinds import declarations
from aelab.plan import configuration, entries


def entry(widths, outputs, activation="relu", **further):
    return {
        "kind": "dense",
        "split": "all",
        "encoder": {"widths": widths, "activations": [activation] * len(widths)},
        "decoder": {"widths": outputs, "activations": ["linear"] * len(outputs)},
        "batch_size": 10,
        "epochs": 1,
        "watch": "none",
        **further,
    }


def config(**changes):
    models = {
        "judge": {"kind": "classifier", "split": "all", "filters": [2], "batch_size": 10, "epochs": 1, "watch": "none"},
        "first": entry([6], [784]),
        "second": entry([5, 4], [6], codes_of="first"),
        "stacked": {"kind": "stack", "split": "all", "layers": ["first", "second"]},
        "tuned": entry([6, 5, 4], [6, 784], starts_from="stacked"),
    }
    for name, change in changes.items():
        models[name] = {**models.get(name, {}), **change}
    splits = {"all": {"kind": "in_order", "train": 100}, "others": {"kind": "in_order", "train": 50}}
    return {
        "datasets": {"mnist": {"kind": "mnist"}},
        "splits": splits,
        "corruptions": {},
        "models": models,
        "judge": "judge",
        "studies": {},
    }


def test_a_chain_is_accepted_and_its_code_is_the_last_layers():
    checked = configuration.load(config())
    assert entries.code_size(checked, "stacked") == 4
    stacked = checked["models"]["stacked"]
    assert declarations.of(stacked).widths(stacked, checked) == ([6, 5, 4], [6, 784])


@pytest.mark.parametrize(
    ("changes", "key", "words"),
    [
        ({"stacked": {"layers": ["second", "first"]}}, "models.stacked.layers.0", "codes_of first"),
        ({"stacked": {"layers": ["first", "judge"]}}, "models.stacked.layers.1", "kind classifier"),
        ({"stacked": {"layers": ["first", "stacked"]}}, "models.stacked", "a cycle"),
        ({"second": {"split": "others"}}, "models.stacked.layers.1", "split others"),
        ({"tuned": {"starts_from": "first"}}, "models.tuned.starts_from", "6-5-4 and 6-784"),
        ({"tuned": {"starts_from": "judge"}}, "models.tuned.starts_from", "dense or stack"),
        ({"stacked": {"epochs": 3}}, "models.stacked.epochs", "unknown key"),
    ],
)
def test_what_does_not_fit_is_named(changes, key, words):
    with pytest.raises(ConfigurationError) as caught:
        configuration.load(config(**changes))
    assert caught.value.key == key
    assert words in str(caught.value)


def test_weights_are_the_layers_mirrored_and_a_dense_model_loads_them(tmp_path):
    keras = pytest.importorskip("keras")
    from aelab import kinds
    from aelab.files import weights
    from aelab.inference import assembled, trained
    from aelab.plan.plan import Plan

    plan = Plan(configuration.load(config()))
    layers = {}
    for seed, name in enumerate(("first", "second")):
        keras.utils.set_random_seed(seed)
        layers[name] = in_numpy(kinds.create(plan.entry(name)))
    stacked = assembled.stacked([(layer.description, layer.arrays) for layer in layers.values()])
    weights.write(tmp_path / "stacked.npz", *stacked)
    stacked = trained.of(*stacked)

    images = np.random.default_rng(1).random((7, 784), np.float32)
    codes = layers["second"].encode(layers["first"].encode(images))
    np.testing.assert_array_equal(stacked.encode(images), codes)
    expected = layers["first"].decode(layers["second"].decode(codes))
    np.testing.assert_array_equal(stacked.reconstruct(images), expected)
    tuned = kinds.create(plan.entry("tuned")).load(tmp_path / "stacked.npz")
    assert in_numpy(tuned).description == stacked.description
    np.testing.assert_array_equal(in_numpy(tuned).encode(images), codes)
    kernels = [layer.kernel.numpy() for layer in tuned.networks["decoder"].layers]
    np.testing.assert_array_equal(kernels[-1], layers["first"].arrays["decoder/decoder_1/kernel"])


def test_a_tied_layer_is_stacked_as_it_decodes():
    keras = pytest.importorskip("keras")
    from aelab import kinds
    from aelab.inference import assembled, trained
    from aelab.plan.plan import Plan

    keras.utils.set_random_seed(1)
    plan = Plan(configuration.load(config(first={"tied": True})))
    first = in_numpy(kinds.create(plan.entry("first")))
    images = np.random.default_rng(1).random((7, 784), np.float32)
    stacked = trained.of(*assembled.stacked([(first.description, first.arrays)]))
    codes = first.encode(images)
    np.testing.assert_array_equal(stacked.encode(images), codes)
    expected, error = rounding.of_network(first.networks["decoder"], first.arrays, codes)
    np.testing.assert_allclose(stacked.decode(codes), expected, rtol=0, atol=error.max())


def test_a_layer_encodes_the_codes_that_it_was_trained_on(tmp_path):
    """Not images, which it would take without complaint where its codes are as wide as an image."""
    from encode_images import given

    from aelab.files.atomic import write_array
    from aelab.plan.plan import Plan

    third = entry([3], [4], codes_of="second")
    plan = Plan(configuration.load(config(third=third)))
    for part, images in (("train", "train-images-idx3-ubyte"), ("test", "t10k-images-idx3-ubyte")):
        assert plan.encoded("first", 1, part).endswith(images)
        assert plan.encoded("second", 1, part) == f"{plan.folder('first', 1)}/codes/{part}.npy"
        assert plan.encoded("third", 1, part) == f"{plan.folder('second', 1)}/codes/{part}.npy"
        assert plan.encoded("stacked", 1, part).endswith(images)
    codes = np.random.default_rng(1).random((5, 4), np.float32)
    write_array(tmp_path / "codes.npy", codes)
    np.testing.assert_array_equal(given(str(tmp_path / "codes.npy")), codes)


def test_a_layer_is_a_job_of_its_own_in_the_chain():
    from aelab.plan.plan import Plan

    before = Plan(configuration.load(config()))
    after = Plan(configuration.load(config(second={"batch_size": 20})))
    assert before.training("first", 1) == after.training("first", 1)
    assert before.training("second", 1) != after.training("second", 1)
    folders = {name: before.folder(name, 1) for name in before.models}
    assert before.training_inputs("second", 1)["codes"] == f"{folders['first']}/codes/train.npy"
    weights = [f"{folders['first']}/weights.npz", f"{folders['second']}/weights.npz"]
    assert before.start_weights("stacked", 1) == weights
    assert before.training_inputs("tuned", 1)["starts_from"] == f"{folders['stacked']}/weights.npz"

"""The kind `conv`: shapes and weights as published, its losses against NumPy."""

import numpy as np
import pytest

from aelab.errors import ConfigurationError
from aelab.plan import configuration

ENTRY = {
    "kind": "conv",
    "filters": [32, 64],
    "code_size": 32,
    "activation": "relu",
    "output": "linear",
    "loss": "mse",
}


@pytest.fixture(scope="module")
def create():
    from aelab import kinds
    from aelab.training import devices

    def build(**changes):
        devices.prepare(3)
        return kinds.create({**ENTRY, **changes})

    return build


def test_layers_have_the_published_sizes(create):
    model = create()
    kernels = {
        f"{part}/{layer.name}": tuple(layer.kernel.shape)
        for part, network in model.networks.items()
        for layer in network.layers
        if hasattr(layer, "kernel")
    }
    assert kernels == {
        "encoder/convolution_1": (3, 3, 1, 32),
        "encoder/convolution_2": (3, 3, 32, 64),
        "encoder/code": (6 * 6 * 64, 32),
        "decoder/dense": (32, 7 * 7 * 32),
        "decoder/transposed_1": (3, 3, 64, 32),
        "decoder/transposed_2": (3, 3, 32, 64),
        "decoder/transposed_3": (3, 3, 1, 32),
    }
    images = np.random.default_rng(1).random((3, 784), np.float32)
    codes = model.code(images).numpy()
    assert codes.shape == (3, 32)
    assert (codes < 0).any(), "the code has no activation"
    assert model.decoded(codes).shape == (3, 784)


def test_first_convolution_is_the_sum_it_should_be(create):
    model = create()
    image = np.random.default_rng(2).random(784, np.float32)
    layer = model.networks["encoder"].get_layer("convolution_1")
    found = layer(image.reshape(1, 28, 28, 1)).numpy()[0]
    patch = image.reshape(28, 28)[8:11, 4:7]
    expected = np.maximum((patch[:, :, None] * layer.kernel.numpy()[:, :, 0]).sum((0, 1)), 0)
    assert found.shape == (13, 13, 32)
    np.testing.assert_allclose(found[4, 2], expected, atol=1e-5)


@pytest.mark.parametrize("loss", ["mse", "cross_entropy"])
def test_losses_are_those_of_the_reconstruction(create, loss):
    model = create(output="sigmoid", loss=loss)
    images = np.random.default_rng(4).random((5, 784), np.float32)
    outputs = model.decoded(model.code(images)).numpy().astype(np.float64)
    expected = {
        "mse": ((images - outputs) ** 2).mean(),
        "cross_entropy": -(images * np.log(outputs) + (1 - images) * np.log1p(-outputs)).sum(1).mean(),
    }[loss]
    assert float(model.loss(images, images, [0, 0], training=True)) == pytest.approx(expected, rel=1e-5)


def test_cross_entropy_wants_a_sigmoid_output():
    entry = {"kind": "conv", "split": "all", "code_size": 4, "batch_size": 10, "epochs": 1, "watch": "none"}
    judge = {"kind": "classifier", "split": "all", "filters": [2], "batch_size": 10, "epochs": 1, "watch": "none"}
    config = {
        "datasets": {"mnist": {"kind": "mnist"}},
        "splits": {"all": {"kind": "in_order", "train": 100}},
        "corruptions": {},
        "models": {"judge": judge, "conv": {**entry, "loss": "cross_entropy"}},
        "judge": "judge",
        "studies": {},
    }
    with pytest.raises(ConfigurationError, match=r"models\.conv\.output: found 'linear'"):
        configuration.load(config)
    config["models"]["conv"]["output"] = "sigmoid"
    assert configuration.load(config)["models"]["conv"]["filters"] == [32, 64]

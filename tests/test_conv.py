"""The kind `conv`: shapes and weights as published, its losses against NumPy."""

import numpy as np
import pytest
import rounding

from aelab.errors import ConfigurationError
from aelab.plan import configuration

ENTRY = {
    "kind": "conv",
    "image_shape": (28, 28),
    "filters": [32, 64],
    "code_size": 32,
    "activation": "relu",
    "output": "linear",
    "loss": "mse",
}


@pytest.fixture(scope="module")
def create():
    from aelab.kinds import architectures
    from aelab.training import devices

    def build(**changes):
        devices.prepare(3)
        return architectures.create({**ENTRY, **changes})

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
    products = patch[:, :, None].astype(np.float64) * layer.kernel.numpy()[:, :, 0]
    assert found.shape == (13, 13, 32)
    error = rounding.gamma(9) * np.abs(products).sum((0, 1)).max()
    np.testing.assert_allclose(found[4, 2], np.maximum(products.sum((0, 1)), 0), rtol=0, atol=error)


@pytest.mark.parametrize("loss", ["mse", "cross_entropy"])
def test_losses_are_those_of_the_reconstruction(create, loss):
    model = create(output="sigmoid", loss=loss)
    images = np.random.default_rng(4).random((5, 784), np.float32)
    outputs = model.decoded(model.code(images)).numpy().astype(np.float64)
    black, white = -np.log1p(-outputs), -np.log(outputs)
    expected, size = {
        "mse": [((images - outputs) ** 2).mean()] * 2,
        # From logits: the difference of the two logarithms.
        "cross_entropy": [
            (images * white + (1 - images) * black).sum(1).mean(),
            2 * (white + black).sum(1).mean(),
        ],
    }[loss]
    error = rounding.gamma(images.size + 2 * rounding.FUNCTION) * size
    assert float(model.loss(images, images, [0, 0], training=True)) == pytest.approx(expected, rel=0, abs=error)


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

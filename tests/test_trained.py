"""Trained models in NumPy: Keras's numbers, for every architecture of the default configuration; weight files."""

import numpy as np
import pytest
import rounding
import small
import yaml
from keras_models import in_numpy, weighted

from aelab import kinds
from aelab.errors import LabError
from aelab.files import weights
from aelab.files.arrays import read_arrays
from aelab.inference import assembled, layers, linear, trained
from aelab.plan import configuration
from aelab.plan.plan import Plan

PLAN = Plan(configuration.load(small.default()))
# One model of each shape that the configuration has: entries that differ in training alone are the same network.
SHAPE = ("kind", "encoder", "decoder", "code_size", "filters", "units", "activation", "code_activation")
SHAPE += ("output_activation", "output", "tied", "frozen", "input_size")
SHAPES = {
    yaml.safe_dump([PLAN.entry(name).get(key) for key in SHAPE]): name
    for name, entry in PLAN.models.items()
    if entry["kind"] not in ("pca", "stack")
}


@pytest.fixture
def images():
    return np.random.default_rng(1).integers(0, 256, (23, 784), dtype=np.uint8)


def error_of(model, networks, activation, values):
    """How far apart two computations in float32 may be that send values through networks and an activation."""
    layers = [layer for network in networks for layer in model.networks[network]]
    layers.append({"layer": "Activation", "activation": activation, "weights": []})
    found, error = rounding.of_network(layers, model.arrays, values)
    assert 100 * error.max() < found.std(axis=0).max(), "too coarse to tell one image from another"
    return 2 * error.max()


@pytest.mark.parametrize("name", sorted(SHAPES.values()))
def test_numpy_gives_what_keras_gives(name, images, tmp_path):
    architecture = weighted(kinds.create(PLAN.entry(name)))
    architecture.save(tmp_path / "weights.npz")
    model = trained.read(tmp_path / "weights.npz")
    inputs = images / np.float32(255)
    if architecture.description["input_size"] != 784:
        inputs = np.random.default_rng(2).random((23, architecture.description["input_size"]), np.float32)
    codes = architecture.code(inputs).numpy()
    networks, activation = (["encoder"], "linear") if model.learns == "images" else (model.networks, "softmax")
    error = error_of(model, networks, activation, inputs)
    np.testing.assert_allclose(model.encode(inputs), codes, rtol=0, atol=error)
    assert codes.shape[1] == model.code_size
    if inputs.shape[1] == 784:
        np.testing.assert_array_equal(model.encode(images), model.encode(inputs))
    if model.learns == "images":
        expected = architecture.decoded(codes).numpy()
        error = error_of(model, ["decoder"], model.description["output"], codes)
        np.testing.assert_allclose(model.decode(codes), expected, rtol=0, atol=error)
        np.testing.assert_array_equal(model.reconstruct(inputs), model.decode(model.encode(inputs)))
    assert model.parameters == sum(variable.numpy().size for variable in architecture.variables)


def test_batches_do_not_matter(images):
    model = in_numpy(weighted(kinds.create(PLAN.entry("conv_32"))))
    whole = model.encode(images)
    model.batch_size = 7
    error = error_of(model, ["encoder"], "linear", images / np.float32(255))
    np.testing.assert_allclose(model.encode(images), whole, rtol=0, atol=error)


@pytest.mark.parametrize(
    ("layer", "settings"),
    [
        ("Conv2D", {"kernel_size": (3, 2), "strides": (2, 1), "padding": "same"}),
        ("Conv2D", {"kernel_size": (2, 3), "strides": (1, 2), "padding": "valid"}),
        ("Conv2DTranspose", {"kernel_size": (3, 3), "strides": (2, 2), "padding": "same"}),
        ("Conv2DTranspose", {"kernel_size": (2, 3), "strides": (2, 1), "padding": "valid"}),
        ("Conv2DTranspose", {"kernel_size": (3, 4), "strides": (1, 2), "padding": "same"}),
    ],
)
@pytest.mark.parametrize("channels", [1, 3])
def test_convolutions_of_any_stride_and_padding(layer, settings, channels):
    import keras

    x = np.random.default_rng(4).normal(size=(5, 7, 6, channels)).astype(np.float32)
    stock = getattr(keras.layers, layer)(4, use_bias=False, **settings)
    expected, kernel = stock(x).numpy(), stock.kernel.numpy()
    function = {"Conv2D": layers.convolved, "Conv2DTranspose": layers.convolved_transposed}[layer]
    found = function(x, kernel, settings["strides"], settings["padding"])
    sizes = function(np.abs(x), np.abs(kernel), settings["strides"], settings["padding"])
    terms = np.prod(settings["kernel_size"]) * channels
    np.testing.assert_allclose(found, expected, rtol=0, atol=2 * rounding.gamma(terms) * sizes.max())


@pytest.mark.parametrize("name", sorted(set(layers.ACTIVATIONS) - {"clip"}))
def test_activations(name):
    import keras

    x = np.linspace(-200, 200, 3999, dtype=np.float32).reshape(-1, 3)
    with np.errstate(all="raise", under="ignore"):
        found = layers.ACTIVATIONS[name](x)
    assert found.dtype == np.float32
    # Each of two sides combines two functions at most.
    error = 2 * rounding.gamma(2 * rounding.FUNCTION)
    np.testing.assert_allclose(found, np.asarray(keras.activations.get(name)(x)), rtol=error, atol=error)


def test_principal_components_as_a_model(images):
    images = images[:, :16]
    pixels = images / np.float32(255)
    model = trained.of(*assembled.linear(*linear.principal_components(pixels, 5)))
    mean, components = linear.principal_components(pixels, 5)
    codes = (pixels - mean) @ components.T
    # Sums of 16 products and a bias, of weights that are float32; then of 5.
    error = rounding.gamma(18) * (np.abs(pixels) + np.abs(mean)) @ np.abs(components.T)
    np.testing.assert_allclose(model.encode(images), codes, rtol=0, atol=error.max())
    error = error + rounding.gamma(7) * (np.abs(codes) + error)
    error = error @ np.abs(components) + rounding.gamma(7) * mean
    expected = np.clip(codes @ components + mean, 0, 1)
    np.testing.assert_allclose(model.reconstruct(images), expected, rtol=0, atol=error.max())
    assert model.code_size == 5 and model.parameters == 2 * 5 * 16 + 5 + 16


def test_a_file_that_describes_no_model(tmp_path):
    path = tmp_path / "weights.npz"
    for arrays in ({"a": np.zeros(2)}, {"model": np.array("{")}, {"model": np.array('{"family": "other"}')}):
        np.savez(path, **arrays)
        with pytest.raises(LabError, match="weights.npz describes no model. Delete it and start the workflow again"):
            trained.read(path)


def test_the_same_model_gives_the_same_bytes(tmp_path):
    draw = np.random.default_rng(6)
    model = assembled.linear(draw.normal(size=784), draw.normal(size=(2, 784)))
    for name in ("a", "b"):
        weights.write(tmp_path / f"{name}.npz", *model)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    assert set(read_arrays(tmp_path / "a.npz")) == {*model[1], "model"}

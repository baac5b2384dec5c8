"""Trained models in NumPy: Keras's numbers, for every architecture of the default configuration; weight files."""

import math

import fast_yaml
import numpy as np
import pytest
import rounding
import small
from keras_models import in_numpy, weighted

from aelab.errors import LabError
from aelab.files import weights
from aelab.files.arrays import read_arrays
from aelab.inference import assembled, layers, linear, operations, trained
from aelab.kinds import architectures, declarations
from aelab.kinds.models import read_model
from aelab.plan import configuration, schemas
from aelab.plan.plan import Plan
from aelab.training.networks import described

PLAN = Plan(configuration.load(small.default()))
# One model of each shape that the configuration has: entries that differ in training alone are the same network.
SHAPE = ("kind", "encoder", "decoder", "code_size", "filters", "units", "activation", "code_activation")
SHAPE += ("output_activation", "output", "tied", "frozen", "input_size")
SHAPES = {
    fast_yaml.safe_dump([PLAN.entry(name).get(key) for key in SHAPE]): name
    for name, entry in PLAN.models.items()
    if entry["kind"] not in ("pca", "stack")
}


@pytest.fixture
def images():
    """Noise of various brightness."""
    draw = np.random.default_rng(1)
    return (draw.integers(0, 256, (23, 784)) * draw.random((23, 1))).astype(np.uint8)


def error_of(model, networks, activation, values):
    """`bound`, which must leave images to be told apart."""
    found, error = far(model, networks, activation, values)
    assert 100 * error.max() < found.std(axis=0).max(), "too coarse to tell one image from another"
    return 2 * error.max()


def bound(model, networks, activation, values):
    """How far apart two computations in float32 may be that send values through networks and an activation."""
    return 2 * far(model, networks, activation, values)[1].max()


def far(model, networks, activation, values):
    """What they give in float64, and how far one computation in float32 may be from that."""
    layers = [layer for network in networks for layer in model.networks[network]]
    layers.append({"layer": "Activation", "activation": activation, "weights": []})
    return rounding.of_network(layers, model.arrays, values)


@pytest.mark.parametrize("name", sorted(SHAPES.values()))
def test_numpy_gives_what_keras_gives(name, images, tmp_path):
    architecture = weighted(architectures.create(PLAN.entry(name)))
    architecture.save(tmp_path / "weights.npz")
    model = read_model(tmp_path / "weights.npz")
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
    model = in_numpy(weighted(architectures.create(PLAN.entry("conv_32"))))
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


def test_planning_knows_what_can_be_applied():
    assert set(operations.LAYERS) == layers.LAYERS.keys()
    assert set(operations.ACTIVATIONS) == layers.ACTIVATIONS.keys()


@pytest.mark.parametrize("name", sorted(SHAPES.values()))
def test_a_kind_declares_what_its_models_consist_of(name):
    entry = PLAN.models[name]
    model = in_numpy(architectures.create(PLAN.entry(name)))
    found = {each for network in model.networks.values() for layer in network for each in named(layer)}
    assert found | {model.description["output"]} <= declarations.of(entry).operations(entry, PLAN.config)


def named(layer):
    """The operations of a layer in a weight file."""
    return layer["layer"], layer.get("activation", "linear")


@pytest.mark.parametrize("shape", [(7, 9), (28, 28)])
@pytest.mark.parametrize(
    "kind", ["beta_vae", "classifier", "conv", "conv_classifier", "conv_plane", "conv_vae", "dense", "vae"]
)
def test_numpy_gives_what_keras_gives_with_every_activation(kind, shape):
    """Of every key that names an activation, every value that the schema allows."""
    name = next(name for name, entry in PLAN.models.items() if entry["kind"] == kind)
    entry = {**PLAN.entry(name), "image_shape": shape}
    pixels = math.prod(shape)
    for key in ("encoder", "decoder"):
        if key in entry:
            entry[key] = {"widths": [6, 5], "activations": ["relu", "linear"]}
    if kind == "dense":
        entry["decoder"]["widths"] = [6, pixels]
    entry |= {key: value for key, value in {"filters": [3, 2], "units": 4, "starts_from": None}.items() if key in entry}
    if kind == "conv_vae":
        entry["units"] = [4]
    images = np.random.default_rng(5).random((5, pixels), np.float32)
    for changed in with_every_activation(kind, entry):
        architecture = weighted(architectures.create(changed))
        model = in_numpy(architecture)
        codes = architecture.code(images).numpy()
        networks, last = (["encoder"], "linear") if model.learns == "images" else (model.networks, "softmax")
        np.testing.assert_allclose(model.encode(images), codes, rtol=0, atol=bound(model, networks, last, images))
        if model.learns == "images":
            error = bound(model, ["decoder"], model.description["output"], codes)
            np.testing.assert_allclose(model.decode(codes), architecture.decoded(codes).numpy(), rtol=0, atol=error)


def with_every_activation(kind, entry):
    """Entries in each of which one key names another activation; of a stack of layers, its first."""
    rules = schemas.rules_of_model(kind).schema
    yield entry
    for key, rule in rules["properties"].items():
        allowed = schemas.resolved(rule, rules).get("enum", ())
        if key in ("encoder", "decoder"):
            for activation in rules["$defs"]["activation"]["enum"]:
                layers = {**entry[key], "activations": [activation, *entry[key]["activations"][1:]]}
                yield {**entry, key: layers}
                if kind == "dense":
                    yield {**entry, key: layers, "tied": True}
        elif "linear" in allowed:
            for activation in allowed:
                yield {**entry, key: activation}


@pytest.mark.parametrize(
    ("layer", "reason"),
    [
        ("keras.layers.Conv2D(1, 3, dilation_rate=2)", "dilation_rate"),
        ("keras.layers.Conv2D(1, 3, use_bias=False)", "use_bias"),
        ("keras.layers.MaxPooling2D(3, strides=2)", "windows that overlap"),
        ("keras.layers.UpSampling2D(2, interpolation='bilinear')", "interpolation bilinear"),
        ("keras.layers.BatchNormalization()", "moving_mean, moving_variance, which are not trained"),
    ],
)
def test_what_a_weight_file_cannot_say_is_refused(layer, reason):
    import keras

    network = keras.Sequential([keras.Input((8, 8, 1)), eval(layer, {"keras": keras})], name="encoder")
    named = {variable.path: variable for variable in network.trainable_variables}
    with pytest.raises(LabError, match=reason):
        described(network, named)


def test_networks_may_be_graphs_of_layers():
    import keras

    inputs = keras.Input((6,))
    first = keras.layers.Dense(5, activation="relu", name="first")(inputs)
    second = keras.layers.Dense(5, name="second")(first)
    joined = keras.layers.Add(name="sum")([first, second, first])
    outputs = keras.layers.Dense(2, name="last")(keras.layers.Concatenate(name="all")([inputs, joined]))
    network = keras.Model(inputs, outputs)
    named = {variable.path: variable for variable in network.trainable_variables}
    found = described(network, named)
    assert [layer.get("inputs") for layer in found] == [None, None, [1, 2, 1], [0, 3], None]
    values = np.random.default_rng(7).normal(size=(4, 6)).astype(np.float32)
    arrays = {name: variable.numpy() for name, variable in named.items()}
    expected = network(values).numpy()
    # Sums of at most 11 products and a bias, four layers deep, of numbers that stay below 100.
    np.testing.assert_allclose(layers.apply(values, found, arrays), expected, rtol=0, atol=100 * rounding.gamma(4 * 13))
    shared = keras.layers.Dense(6, name="shared")
    with pytest.raises(LabError, match="shared .Dense. has several places in the network"):
        described(
            keras.Model(inputs, shared(shared(inputs))), {variable.path: variable for variable in shared.variables}
        )


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
            read_model(path)


def test_the_same_model_gives_the_same_bytes(tmp_path):
    draw = np.random.default_rng(6)
    model = assembled.linear(draw.normal(size=784), draw.normal(size=(2, 784)))
    for name in ("a", "b"):
        weights.write(tmp_path / f"{name}.npz", *model)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    assert set(read_arrays(tmp_path / "a.npz")) == {*model[1], "model"}

"""Models as Keras files: they open without this project and give what the models give in NumPy."""

import json
import re
import struct
import subprocess
import sys
import zipfile

import numpy as np
import pytest
import rounding
from keras_models import weighted
from small import REPOSITORY
from test_trained import PLAN, SHAPES

from aelab.errors import LabError
from aelab.files import weights
from aelab.inference import assembled
from aelab.kinds import architectures
from aelab.kinds.models import read_model
from aelab.training import export

ROWS = 7
# Run by itself, far from this project: what every file gives for the inputs beside it.
STRANGER = """
import json, pathlib, sys
import numpy as np
import keras

assert not [name for name in sys.modules if name.startswith("aelab")]
for file in sorted(pathlib.Path().glob("*.keras")):
    model = keras.models.load_model(file)
    inputs = np.load(file.with_suffix(".inputs.npy"))
    given = {"outputs": model(inputs)}
    names = [layer.name for layer in model.layers]
    if "decoder" in names:
        given["codes"] = model.get_layer("encoder")(inputs)
        given["decoded"] = model.get_layer("decoder")(given["codes"])
        inner = {layer.name: layer for layer in model.get_layer("encoder").layers}
        if "statistics" in inner:
            given["statistics"] = inner["statistics"](inputs)
    np.savez(file.with_suffix(".given.npz"), **{name: np.asarray(each) for name, each in given.items()})
"""


def pca():
    draw = np.random.default_rng(5)
    components = np.linalg.qr(draw.normal(size=(784, 3)))[0].T
    return assembled.linear(draw.random(784), components)


def stack():
    draw = np.random.default_rng(6)

    def layer(size, code):
        widths = {"encoder": (size, code), "decoder": (code, size)}
        return assembled.dense(
            {
                name: [(draw.normal(size=shape) / shape[0] ** 0.5, draw.normal(size=shape[1]), "sigmoid")]
                for name, shape in widths.items()
            }
        )

    return assembled.stacked([layer(30, 9), layer(9, 4)])


def contents():
    """The weight file's content of a model of every shape, by name."""
    found = {"pca": pca(), "stack": stack()}
    for name in sorted(SHAPES.values()):
        architecture = weighted(architectures.create(PLAN.entry(name)))
        found[name] = (architecture.description, {key: each.numpy() for key, each in architecture.named.items()})
    return found


NAMES = ["pca", "stack", *sorted(SHAPES.values())]


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """A folder with the file of every model, its weights, and what a stranger to this project gets from it."""
    folder = tmp_path_factory.mktemp("exported")
    for name, (description, arrays) in contents().items():
        weights.write(folder / f"{name}.npz", description, arrays)
        (folder / f"{name}.keras").write_bytes(export.packed(export.model_of(description, arrays)))
        inputs = np.random.default_rng(7).random((ROWS, description["input_size"]), np.float32)
        np.save(folder / f"{name}.inputs.npy", inputs)
    done = subprocess.run([sys.executable, "-I", "-c", STRANGER], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


def error_of(model, networks, activation, inputs):
    """How far two computations in float32 may lie apart."""
    layers = [layer for name in networks for layer in model.networks[name]]
    layers.append({"layer": "Activation", "activation": activation, "weights": []})
    return 2 * rounding.of_network(layers, model.arrays, inputs)[1].max()


@pytest.mark.parametrize("name", NAMES)
def test_a_stranger_gets_the_same_outputs(name, exported):
    model, given = read_model(exported / f"{name}.npz"), np.load(exported / f"{name}.given.npz")
    inputs = np.load(exported / f"{name}.inputs.npy")
    if model.learns == "labels":
        error = error_of(model, model.networks, "softmax", inputs)
        np.testing.assert_allclose(given["outputs"], model.encode(inputs), rtol=0, atol=error)
        return
    error = error_of(model, ["encoder"], "linear", inputs)
    np.testing.assert_allclose(given["codes"], model.encode(inputs), rtol=0, atol=error)
    error = error_of(model, ["decoder"], model.description["output"], given["codes"])
    decoded = model.decode(given["codes"])
    np.testing.assert_allclose(given["decoded"], decoded, rtol=0, atol=error)
    np.testing.assert_allclose(given["outputs"], given["decoded"], rtol=0, atol=error)
    assert error < decoded.std(axis=0).max() / 10, "too coarse to tell one image from another"
    assert ("statistics" in given) == (model.description["family"] == "variational")
    if "statistics" in given:
        np.testing.assert_array_equal(given["statistics"][:, : model.code_size], given["codes"])


@pytest.mark.parametrize("name", NAMES)
def test_it_consists_of_layers_of_keras(name, exported):
    with zipfile.ZipFile(exported / f"{name}.keras") as archive:
        config = json.loads(archive.read("config.json"))
    modules, queue = set(), [config]
    while queue:
        value = queue.pop()
        if isinstance(value, dict):
            if value.get("registered_name"):
                modules.add((value["module"], value["registered_name"]))
            if "class_name" in value:
                modules.add((value.get("module"), None))
            queue += value.values()
        elif isinstance(value, list):
            queue += value
    assert all(module is None or module.split(".")[0] in ("keras", "builtins") for module, _ in modules), modules
    assert not any(registered and ">" in registered for _, registered in modules)


def test_every_kind_is_there():
    kinds = {PLAN.models[name]["kind"] for name in SHAPES.values()} | {"pca", "stack"}
    assert kinds == {entry["kind"] for entry in PLAN.models.values()}


def test_the_same_model_gives_the_same_bytes(monkeypatch):
    import time

    first = export.packed(export.model_of(*stack()))
    monkeypatch.setattr(time, "time", lambda real=time.time: real() + 90_000)
    assert export.packed(export.model_of(*stack())) == first


def test_what_keras_has_no_layer_for_is_said():
    description, arrays = stack()
    description["networks"]["encoder"][0]["activation"] = "k_sparse.strongest"
    with pytest.raises(LabError, match="k_sparse.strongest"):
        export.model_of(description, arrays)


def code_in(path):
    """The block of Python in a page that reads a model."""
    blocks = re.findall(r"```python\n(.*?)```", (REPOSITORY / path).read_text(), re.DOTALL)
    (found,) = [block for block in blocks if "read_model" in block]
    return found


@pytest.mark.parametrize("page", ["README.md"])
def test_the_lines_of_the_page_run_in_numpy_alone(page, tmp_path):
    """With weights and images where a run has them."""
    code = code_in(page)
    assert len(code.splitlines()) <= 14
    model = re.search(r"results/models/(\w+)/seed-1/weights.npz", code).group(1)
    path = tmp_path / "results" / "models" / model / "seed-1" / "weights.npz"
    weighted(architectures.create(PLAN.entry(model))).save(path)
    images = np.random.default_rng(8).integers(0, 256, (12, 28, 28), dtype=np.uint8)
    path = tmp_path / re.search(r"results/data/mnist/[\w-]+", code).group()
    path.parent.mkdir(parents=True)
    path.write_bytes(struct.pack(">IIII", 0x803, *images.shape) + images.tobytes())
    (tmp_path / "workflow").symlink_to(REPOSITORY / "workflow")
    code += (
        "\nassert not {'tensorflow', 'keras'} & sys.modules.keys()\nprint(repr(decoded.shape), decoded.max() <= 1)\n"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "(8, 784) True"

"""A kind of model is a folder: planning asks its declaration, and nothing else knows it."""

import csv
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import fast_yaml
import pytest
import rounding
from keras_models import in_numpy
from sandbox import Sandbox
from small import default
from snakemake_starts import snakemake

from aelab.kinds import architectures, declarations
from aelab.plan import configuration, specs
from aelab.plan.plan import Plan

KINDS = "workflow/scripts/aelab/kinds"
# Kinds with none of the keys by which other kinds say their shape. One has a layer of its own, which it brings in
# NumPy; the networks of the other are no chains.
NEW = Path(__file__).parent / "new_kinds"

# Largest difference between what Keras and NumPy make of the test images with the weights of a model, and the largest
# number that is compared.
COMPARE = """
import sys
from aelab.training import devices
import numpy as np
from aelab.data import idx
from aelab.kinds import architectures
from aelab.kinds.models import read_model
from aelab.plan import specs

spec, weights, images = specs.parse(sys.argv[1]), sys.argv[2], idx.read_images(sys.argv[3])[:50] / np.float32(255)
keras, numpy = architectures.create(spec["entry"]).load(weights), read_model(weights)
codes = numpy.encode(images)
pairs = [(keras.code(images), codes), (keras.decoded(codes), numpy.decode(codes))]
print(max(np.abs(np.asarray(a) - b).max() for a, b in pairs), max(np.abs(b).max() for _, b in pairs))
"""


@pytest.fixture(scope="module")
def config():
    return configuration.load(default())


# Jobs that say of every study what its claims and models are.
LISTING = re.compile("_captions$|^write_study_page ")


def one_of_each_kind():
    return {entry["kind"]: name for name, entry in default()["models"].items()}.items()


@pytest.mark.parametrize("kind, name", one_of_each_kind())
def test_a_declaration_knows_the_size_of_the_code(kind, name, config):
    entry = config["models"][name]
    if declarations.of(entry).made_by == "train_model":
        model = in_numpy(architectures.create(Plan(config).entry(name)))
        assert declarations.code_size(config, name) == model.code_size
        assert (model.learns == "labels") == (declarations.of(entry).learns == "labels")


def test_every_kind_is_declared_and_used(config):
    assert set(declarations.known()) == {entry["kind"] for entry in config["models"].values()}


def test_work_is_declared_for_every_kind_that_is_trained(config):
    for entry in config["models"].values():
        if declarations.of(entry).made_by == "train_model":
            assert declarations.of(entry).multiply_adds(entry, config) > 1000


@pytest.fixture(scope="module")
def laboratory(finished_run, tmp_path_factory):
    """A finished run with two kinds more, a model of each, and a model that works on the codes of one."""
    sandbox = Sandbox(finished_run.copy_to(tmp_path_factory.mktemp("kinds") / "a laboratory", link=False))
    for file in NEW.rglob("*.*"):
        if file.suffix in (".py", ".yaml"):
            sandbox.write(f"{KINDS}/{file.relative_to(NEW)}", file.read_text())
    config = fast_yaml.safe_load(sandbox.read("config/config.yaml"))
    common = {"split": config["models"]["dense_2"]["split"], "epochs": 2, "batch_size": 50}
    layer = {"widths": [20], "activations": ["linear"]}
    config["models"] |= {
        "sparse": {"kind": "k_sparse", "units": 20, "active": 3, **common},
        "on_sparse": {"kind": "dense", "codes_of": "sparse", "encoder": layer, "decoder": layer, **common},
        "skipping": {"kind": "residual", "width": 16, "numbers": 7, "blocks": 2, **common},
    }
    sandbox.write("config/config.yaml", fast_yaml.safe_dump(config, sort_keys=False))
    yield sandbox
    shutil.rmtree(sandbox.folder)


@pytest.fixture(scope="module")
def jobs(laboratory, planner):
    """The plan of the laboratory, by label."""
    return {job.label: job for job in planner.jobs(laboratory.folder)}


def test_a_new_kind_is_a_new_folder(laboratory, jobs):
    """It is trained, evaluated and in the metrics; of what was there only the tables of all models are made again."""
    needed = {label for label, job in jobs.items() if job.needed}
    models = ("sparse", "on_sparse", "skipping")
    new = {f"{rule} {model}/1" for rule in ("train_model", "evaluate_model") for model in models}
    new |= {"encode_images sparse/1/train", "encode_images sparse/1/test"}
    tables = {"collect_metrics", "check_claims", "write_manifest", "write_index"}
    assert new <= needed
    assert {label for label in needed - new - tables if not LISTING.search(label)} == set()
    done = snakemake("results/metrics.csv", "--cores", "2", cwd=laboratory.folder)
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    with (laboratory.folder / "results/metrics.csv").open() as file:
        rows = {row["model"]: row for row in csv.DictReader(file)}
    assert [rows[model]["kind"] for model in models] == ["k_sparse", "dense", "residual"]
    assert float(rows["sparse"]["codes_at_zero"]) == pytest.approx(17 / 20)
    for model in ("sparse", "skipping"):
        compare(laboratory.folder, jobs[f"train_model {model}/1"].spec)


def compare(folder, spec):
    """Keras and NumPy make the same of a model's images and codes."""
    spec = {key: spec[key] for key in ("model", "entry")}
    command = [
        sys.executable,
        "-c",
        COMPARE,
        specs.canonical(spec),
        f"results/models/{spec['model']}/seed-1/weights.npz",
    ]
    done = subprocess.run(
        [*command, "results/data/mnist/t10k-images-idx3-ubyte"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "workflow" / "scripts")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    error, largest = map(float, done.stdout.split())
    # Sums of 784 products and some more, of which none is larger than ten times the largest result.
    assert 0 < largest < 100 and error < 10 * largest * rounding.gamma(1000)


def test_the_code_that_applies_a_kind_counts_where_it_is_applied(jobs):
    own = f"{KINDS}/k_sparse/inference.py".removeprefix("workflow/")
    applying = {label for label, job in jobs.items() if own in job.spec.get("code", ())}
    assert applying == {"encode_images sparse/1/train", "encode_images sparse/1/test", "evaluate_model sparse/1"}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("numbers: 7", "numbers: 16", "models.skipping.numbers: found 16; allowed: less than width, 16"),
        ("active: 3", "active: 21", "models.sparse.active: found 21; allowed: at most units, 20"),
        (
            "active: 3",
            "active: 3\n    output: mish",
            "models.sparse.kind: found k_sparse, with mish, which could be trained",
        ),
        ("numbers: 7", "numbers: 7\n    skip: Multiply", "models.skipping.kind: found residual, with Multiply, which"),
    ],
)
def test_what_a_new_kind_refuses_is_refused_before_any_job(old, new, message, laboratory, planner):
    before = laboratory.read("config/config.yaml")
    laboratory.replace("config/config.yaml", old, new)
    with pytest.raises(ValueError, match=message):
        planner.jobs(laboratory.folder)
    laboratory.write("config/config.yaml", before)


def test_a_layer_that_is_not_brought_in_numpy_is_refused_before_any_job(laboratory, planner):
    path = f"{KINDS}/k_sparse/inference.py"
    before = laboratory.read(path)
    laboratory.replace(path, "def Largest(", "def Smallest(")
    message = "models.sparse.kind: found k_sparse, with k_sparse.Largest, which could be trained but not applied"
    with pytest.raises(ValueError, match=message):
        planner.jobs(laboratory.folder)
    laboratory.write(path, before)

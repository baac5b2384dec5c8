"""A kind of model is a folder: planning asks its declaration, and nothing else knows it."""

import shutil
import subprocess

import finished
import pytest
import yaml
from keras_models import in_numpy
from sandbox import Sandbox
from small import default

from aelab import kinds
from aelab.kinds import declarations
from aelab.plan import configuration
from aelab.plan.plan import Plan

FOLDER = "workflow/scripts/aelab/kinds/mirrored"
# A kind with none of the keys by which other kinds say their shape.
MIRRORED = {
    "__init__.py": "",
    "schema.yaml": """
description: Dense layers, mirrored.
required: [units, numbers]
properties:
  units: {type: integer, minimum: 1}
  numbers: {type: integer, minimum: 1}
""",
    "declaration.py": """
from aelab.errors import ConfigurationError
from aelab.kinds import declarations


class Declaration(declarations.Declaration):
    def code_size(self, entry, config):
        return entry["numbers"]

    def check(self, entry, config, where):
        if entry["numbers"] >= entry["units"]:
            allowed = f"allowed: less than units, {entry['units']}"
            raise ConfigurationError(f"{where}.numbers", entry["numbers"], allowed)
""",
    "architecture.py": """
from aelab.training.autoencoder import Autoencoder
from aelab.training.networks import layers


class Architecture(Autoencoder):
    def __init__(self, entry):
        super().__init__(entry)
        units, numbers = entry["units"], entry["numbers"]
        self.networks = {
            "encoder": layers([units, numbers], ["relu", "linear"], 784, "encoder"),
            "decoder": layers([units, 784], ["relu", "sigmoid"], numbers, "decoder"),
        }
""",
}


@pytest.fixture(scope="module")
def config():
    return configuration.load(default())


def one_of_each_kind():
    return {entry["kind"]: name for name, entry in default()["models"].items()}.items()


@pytest.mark.parametrize("kind, name", one_of_each_kind())
def test_a_declaration_knows_the_size_of_the_code(kind, name, config):
    entry = config["models"][name]
    if declarations.of(entry).made_by == "train_model":
        model = in_numpy(kinds.create(Plan(config).entry(name)))
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
    """A finished run with one kind more, a model of it, and a model that works on its codes."""
    sandbox = Sandbox(finished_run.copy_to(tmp_path_factory.mktemp("kinds") / "a laboratory", link=False))
    (sandbox.folder / FOLDER).mkdir()
    for name, content in MIRRORED.items():
        sandbox.write(f"{FOLDER}/{name}", content)
    config = yaml.safe_load(sandbox.read("config/config.yaml"))
    common = {"split": config["models"]["dense_2"]["split"], "epochs": 2, "batch_size": 50}
    layer = {"widths": [3], "activations": ["linear"]}
    config["models"] |= {
        "mine": {"kind": "mirrored", "units": 20, "numbers": 3, **common},
        "on_mine": {"kind": "dense", "codes_of": "mine", "encoder": layer, "decoder": layer, **common},
    }
    sandbox.write("config/config.yaml", yaml.safe_dump(config, sort_keys=False))
    yield sandbox
    shutil.rmtree(sandbox.folder)


def test_a_new_kind_is_a_new_folder(laboratory, planner):
    """It is trained, evaluated and in the metrics; of what was there only the tables of all models are made again."""
    needed = {job.label for job in planner.jobs(laboratory.folder) if job.needed}
    new = {f"{rule} {model}/1" for rule in ("train_model", "evaluate_model") for model in ("mine", "on_mine")}
    new.add("encode_images mine/1")
    tables = {"collect_metrics", "check_claims", "write_manifest"}
    assert new <= needed
    assert {label for label in needed - new - tables if not label.endswith("_captions")} == set()
    command = finished.command(laboratory.folder / "Snakefile", laboratory.folder, "results/metrics.csv")
    done = subprocess.run([*command, "--cores", "2"], cwd=laboratory.folder, capture_output=True, text=True)
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    rows = laboratory.read("results/metrics.csv").splitlines()
    assert [row for row in rows if row.startswith("mine,1,mirrored,")], rows[-3:]


def test_what_a_new_kind_refuses_is_refused_before_any_job(laboratory, planner):
    before = laboratory.read("config/config.yaml")
    laboratory.replace("config/config.yaml", "numbers: 3", "numbers: 20")
    with pytest.raises(ValueError, match="models.mine.numbers: found 20; allowed: less than units, 20"):
        planner.jobs(laboratory.folder)
    laboratory.write("config/config.yaml", before)

"""`make prune` names what an ended sweep leaves behind, removes it when told to, and touches nothing else."""

import base64
import json
import subprocess
import sys
from pathlib import Path

import fast_yaml
import prune
import pytest
import small
from small import REPOSITORY

from aelab.jobs import locks, record

SWEEP = {"base": "dense_2", "grid": {"batch_size": [20, 30]}}
BOTH = [f"rates_batch_size_{size}" for size in (20, 30)]


def recorded(file, log=None):
    """Make a file as a run does: with a record, a log and timings."""
    path = Path(file)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("made")
    metadata = Path(".snakemake/metadata", base64.urlsafe_b64encode(file.encode()).decode())
    metadata.parent.mkdir(parents=True, exist_ok=True)
    metadata.write_text(json.dumps({"log": [log] if log else []}))
    if log:
        by_hand(log, log.replace("/logs/", "/timings/").replace(".log", ".tsv"))
    return metadata


def by_hand(*files):
    """Make files without a record."""
    for file in files:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        Path(file).write_text("x")


def make(model):
    """Make what a run makes of a model."""
    for rule, name in (
        ("train_model", "weights.npz"),
        ("train_model", "history.csv"),
        ("evaluate_model", "metrics.json"),
    ):
        recorded(f"results/models/{model}/seed-1/{name}", f"results/logs/{rule}/{model}/seed-1.log")


def everything():
    """All files below the folder, records apart."""
    return set(prune.files_below(Path("results")))


def run(*arguments):
    """Carry out `make prune` in this folder."""
    command = [sys.executable, str(REPOSITORY / "tools" / "prune.py"), *arguments]
    return subprocess.run([*command, "-s", str(REPOSITORY / "Snakefile")], capture_output=True, text=True)


@pytest.fixture
def ended(tmp_path, monkeypatch):
    """A folder where a sweep has one point less than before, and another one, a search and a seed are gone."""
    monkeypatch.chdir(tmp_path)
    small.write(
        tmp_path, change=lambda config: config.update(sweeps={"rates": {**SWEEP, "grid": {"batch_size": [20]}}})
    )
    for model in ("dense_2", *BOTH, "gone_epochs_3"):
        make(model)
    recorded("results/sweeps/rates.csv", "results/logs/tabulate_sweep/rates.log")
    recorded("results/sweeps/gone.csv", "results/logs/tabulate_sweep/gone.log")
    recorded("results/page/sweeps/gone.html", "results/logs/write_sweep_page/gone.log")
    recorded("results/searches/old.csv", "results/logs/choose_settings/old.log")
    recorded("results/models/dense_2/seed-9/weights.npz", "results/logs/train_model/dense_2/seed-9.log")
    return tmp_path


KEPT_BY_HAND = (
    "results/models/dense_2/seed-1/notes.txt",
    "results/models/rates_batch_size_30/seed-1/notes.txt",
    "results/my_own/table.csv",
    "results/checkpoints/dense_2/seed-1/0123.npz",
    "results/data/mnist/extra.txt",
)
GONE_WITHOUT_RECORD = (
    "results/checkpoints/rates_batch_size_30/seed-1/4567.npz",
    "results/logs/train_model/never_epochs_1/seed-1.log",
)


def test_an_ended_sweep_is_named_and_removed_when_told_to(ended):
    by_hand(*KEPT_BY_HAND, *GONE_WITHOUT_RECORD)
    on_demand = "results/models/dense_2/seed-1/codes/train.npy"
    recorded(on_demand, "results/logs/encode_images/dense_2/seed-1/train.log")
    before = everything()
    said = run()
    assert said.returncode == 0, said.stderr
    assert everything() == before
    for folder in ("results/models/gone_epochs_3/", "results/models/rates_batch_size_30/", "results/searches/"):
        assert folder in said.stdout
    assert "results/models/rates_batch_size_20/" not in said.stdout
    done = run("--remove")
    assert done.returncode == 0, done.stderr
    gone = before - everything()
    parts = ("rates_batch_size_30", "gone", "never_epochs_1", "old", "seed-9")
    assert gone == {file for file in before if any(part in file for part in parts)} - {*KEPT_BY_HAND}
    assert {*KEPT_BY_HAND, on_demand} <= everything()
    assert {file for file, _ in prune.recorded()} <= everything()
    assert not Path("results/models/gone_epochs_3").exists()
    assert "Nothing is left behind" in run("--remove").stdout


def test_nothing_is_removed_while_a_run_is_at_work(ended):
    before = everything()
    with locks.acquire(record.RUN):
        done = run("--remove")
    assert (done.returncode, everything()) == (2, before), done.stderr
    assert "another run is at work" in done.stderr


def test_a_record_cannot_lead_out_of_the_results(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for file in ("results/../outside.csv", "config/config.yaml"):
        recorded(file, "results/logs/../../outside.log")
    nothing = prune.Asked(tmp_path, frozenset(), frozenset(), frozenset(), frozenset())
    assert prune.left_behind(nothing) == {}


def test_sizes_add_up(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    files = [f"results/models/m{n}/seed-1/weights.npz" for n in range(prune.SHOWN + 5)]
    for file in files:
        by_hand(file)
    lines = prune.listed(files)
    assert len(lines) == prune.SHOWN + 2
    assert lines[-2].split()[2:4] == ["and", "5"]
    assert lines[-1].endswith(f"in all  ({len(files)} files)")


def test_the_documented_command_is_the_one_of_the_makefile():
    makefile = (REPOSITORY / "Makefile").read_text()
    assert "tools/prune.py $(if $(REMOVE),--remove) $(ELSEWHERE)" in makefile
    assert (
        "sweeps" in fast_yaml.safe_load((REPOSITORY / "workflow/schemas/config.schema.yaml").read_text())["properties"]
    )

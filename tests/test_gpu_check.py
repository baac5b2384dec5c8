"""The measurements of a GPU, tried without one: what is read, what is computed, what is said where there is none."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

import gpu_check
import pytest
import small
from small import REPOSITORY

from aelab.jobs import gpus

DRIVER = """#!/bin/sh
case "$*" in
*--list-gpus*) echo "GPU 0: Made up (UUID: GPU-0)" ;;
*) echo "50, 1234" ;;
esac
"""


def test_where_there_is_no_gpu_nothing_is_measured(tmp_path):
    done = subprocess.run(
        [sys.executable, str(REPOSITORY / "tools/gpu_check.py")],
        env={**os.environ, gpus.VARIABLE: "-1"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (2, "", gpu_check.NONE + "\n")
    assert not list(tmp_path.iterdir())


def test_of_several_gpus_the_busiest_and_the_fullest_count():
    assert gpu_check.read_sample("20, 500\n80, 100\n", 7.0) == gpu_check.Sample(7.0, 0.8, 500.0)


def test_a_share_is_that_of_the_trainings_own_time():
    samples = [gpu_check.Sample(time, busy, 0) for time, busy in ((0, 1), (10, 0.2), (12, 0.4), (20, 1))]
    assert gpu_check.share(gpu_check.Training("a", 15, 6), samples) == pytest.approx(0.3)
    assert gpu_check.share(gpu_check.Training("a", 5, 1), samples) is None


@pytest.fixture
def check(tmp_path, monkeypatch):
    """`gpu_check.main` on a machine that has a GPU by its driver's word, with runs that only write files."""
    (tmp_path / "nvidia-smi").write_text(DRIVER)
    (tmp_path / "nvidia-smi").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.delenv(gpus.VARIABLE, raising=False)
    runs = []

    def run(folder, configuration, options, targets, differs=()):
        runs.append((folder.name, options, targets))
        for model, seconds in (("a", 20), ("b", 10), ("c", 30)):
            weights = folder / "results/models" / model / "seed-1/weights.npz"
            timing = folder / "results/timings/train_model" / model / "seed-1.tsv"
            for path, text in ((weights, f"{model in differs and folder.name}"), (timing, f"s\n{seconds}\n")):
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
        return 7.0

    def measure(differs=()):
        monkeypatch.setattr(gpu_check, "run", lambda *given: run(*given, differs=differs))
        settings = argparse.Namespace(
            folder=tmp_path / "out", cpu=tmp_path, some=2, configuration=[Path("x")], options=["--use-conda"]
        )
        assert gpu_check.main(settings) == 0
        return (tmp_path / "out/report.md").read_text(), runs

    return measure


def test_one_report_holds_everything(check):
    text, runs = check()
    assert "Made up" in text and text.index("| c seed-1 | 30.0 |") < text.index("| a seed-1 | 20.0 |")
    assert [name for name, _, _ in runs] == ["alone", "side-1", "side-2", "side-4"]
    # The shortest trainings are repeated; those of b and a.
    assert all(targets == [f"results/models/{m}/seed-1/weights.npz" for m in "ba"] for _, _, targets in runs[1:])
    assert [options[-1] for _, options, _ in runs[1:]] == ["gpu=1", "gpu=2", "gpu=4"]
    assert all(options[0] == "--use-conda" for _, options, _ in runs)
    assert text.count("the same bytes") == 2 and "DIFFERENT" not in text
    assert "Not compared" in text


def test_other_bytes_are_named(check):
    text, _ = check(differs=["a"])
    assert text.count("DIFFERENT") == 1 and "models/a/seed-1/weights.npz | DIFFERENT" in text


def test_its_runs_work(tmp_path):
    """The command itself, for a split, which needs no GPU."""
    configuration = small.write(tmp_path)
    split = "results/data/splits/permutation_50k.npz"
    assert gpu_check.run(tmp_path / "work", [str(configuration)], ["--resources", "gpu=2"], [split]) > 0
    assert (tmp_path / "work" / split).exists()

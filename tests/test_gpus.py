"""Which card a training takes, and what is said where there is none."""

import multiprocessing
import os

import pytest
import small
from small import REPOSITORY
from snakemake_starts import snakemake

from aelab.errors import LabError
from aelab.jobs import gpus


@pytest.fixture(autouse=True)
def machine(tmp_path, monkeypatch):
    """A machine without cards and without nvidia-smi; its folder of devices."""
    devices = tmp_path / "dev"
    devices.mkdir()
    monkeypatch.setattr(gpus, "DEVICES", devices)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(gpus.VARIABLE, raising=False)
    monkeypatch.setattr(gpus, "held", [])
    return devices


def driver(folder, text, status=0):
    """A command nvidia-smi that says something."""
    (folder / "nvidia-smi").write_text(f"#!/bin/sh\nprintf '{text}'\nexit {status}\n")
    (folder / "nvidia-smi").chmod(0o755)


def test_cards_are_those_that_the_driver_lists(tmp_path):
    driver(tmp_path, "GPU 0: A (UUID: GPU-1)\\nGPU 1: B (UUID: GPU-2)\\n")
    assert gpus.cards() == ["0", "1"]


def test_a_driver_that_fails_leaves_the_devices_to_count(tmp_path, machine):
    driver(tmp_path, "NVIDIA-SMI has failed", 9)
    assert gpus.cards() == []
    for name in ("nvidia0", "nvidia1", "nvidiactl", "nvidia-uvm"):
        (machine / name).touch()
    assert gpus.cards() == ["0", "1"]


@pytest.mark.parametrize(
    ("named", "cards"), [("2,5", ["2", "5"]), ("GPU-ab", ["GPU-ab"]), ("", []), ("-1", []), ("1,-1,0", ["1"])]
)
def test_a_user_or_a_queue_may_choose_cards(named, cards, monkeypatch, machine):
    (machine / "nvidia0").touch()
    monkeypatch.setenv(gpus.VARIABLE, named)
    assert gpus.cards() == cards


def test_where_there_is_none_it_is_said(monkeypatch):
    with pytest.raises(LabError, match="this machine has none that CUDA can use. Nothing was started"):
        gpus.check_present()
    monkeypatch.setenv(gpus.VARIABLE, "-1")
    with pytest.raises(LabError, match="CUDA_VISIBLE_DEVICES hides all"):
        gpus.check_present()
    assert gpus.take() is None


def taken(folder, cards, queue, leave):
    """A job's process: it takes a card and keeps it until it may leave."""
    os.environ[gpus.VARIABLE] = cards
    queue.put(gpus.take(folder))
    leave.wait(30)


def test_trainings_take_cards_in_turn_and_give_them_back(tmp_path):
    context = multiprocessing.get_context("fork")

    def start(folder):
        queue, leave = context.Queue(), context.Event()
        process = context.Process(target=taken, args=(folder, "4,7", queue, leave))
        process.start()
        return process, queue.get(timeout=30), leave

    first, second, third = (start(tmp_path) for _ in range(3))
    try:
        assert [first[1], second[1], third[1]] == ["4", "7", "4"]
        second[0].kill()
        second[0].join()
        again = start(tmp_path)
        again[2].set()
        assert again[1] == "7"
    finally:
        first[2].set()
        third[2].set()


@pytest.mark.parametrize("profile", ["gpu", "gpus"])
def test_a_run_without_a_gpu_ends_before_any_job_and_says_so_last(profile, tmp_path, monkeypatch):
    monkeypatch.undo()
    small.write(tmp_path)
    done = snakemake(
        *("--cores", "1", "--workflow-profile", REPOSITORY / "profiles" / profile, "--directory", tmp_path),
        "results/models/dense_2/seed-1/weights.npz",
        cwd=REPOSITORY,
        env={**os.environ, gpus.VARIABLE: "-1"},
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("This run asks for a GPU, and this machine has none"), done.stderr
    assert not list((tmp_path / "results").rglob("*.log")) and "steps" not in done.stderr

"""Measure runs of many small trainings: a sweep, and `make quick`.

`make bench` does both. `python tools/bench_sweep.py [--points 1000] [--seeds 1] [--cores N] [--folder FOLDER]` carries
out a sweep alone: tiny autoencoders on scikit-learn's digits of 8 x 8 pixels, which train for about a second each, in
an empty folder. From `snakemake` to the finished `results/metrics.csv` it measures:

- `wall`: the seconds that went by, reading the configuration and planning included.
- `trainings`, `evaluations`, `other_jobs`: the seconds of the jobs, from Snakemake's benchmark files, divided by the
  number of cores; `epochs`: those of the trainings that went to their epochs.
- `between`: what is left of the wall time: planning, starts of TensorFlow and of the other libraries, and the time
  between jobs.
- `ratio`: the wall time, divided by the seconds of the trainings and evaluations alone.

`--write-only` writes the configuration and prints the command, so that others can carry it out and look at it.
"""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import bench
import yaml

REPOSITORY = Path(__file__).resolve().parent.parent
POINTS = 1_000
EPOCHS = 60  # of 38 updates each: about a second on one core
RATES = (1e-3, 5e-2)  # the lowest and the highest learning rate
TARGET = "results/metrics.csv"


def configuration(points: int, seeds: int = 1) -> dict[str, Any]:
    """Return the configuration of a sweep over learning rates, which are equally spaced on a logarithmic axis.

    Parameters
    ----------
    points : int
        The number of models.
    seeds : int
        From how many seeds each is trained.
    """
    split, step = "digits_1200", (RATES[1] / RATES[0]) ** (1 / max(points - 1, 1))
    judge = {
        "kind": "classifier",
        "split": split,
        "filters": [8, 16],
        "optimizer": {"learning_rate": 4e-3, "schedule": "one_cycle"},
        "batch_size": 32,
        "epochs": 5,
    }
    swept = {
        "kind": "dense",
        "split": split,
        "encoder": {"widths": [16, 2], "activations": ["relu", "linear"]},
        "decoder": {"widths": ["pixels"], "activations": ["sigmoid"]},
        "optimizer": {"schedule": "one_cycle"},
        "batch_size": 32,
        "epochs": EPOCHS,
        "seeds": list(range(1, seeds + 1)),
    }
    rates = [float(f"{RATES[0] * step**n:.7g}") for n in range(points)]
    return {
        "datasets": {"digits": {"kind": "digits"}},
        "splits": {split: {"kind": "permutation", "train": 1200, "validation": 237}},
        "corruptions": {},
        "judge": "judge",
        "models": {"judge": judge, "swept": swept},
        "sweeps": {"rates": {"base": "swept", "grid": {"optimizer.learning_rate": rates}}},
        "studies": {},
    }


def prepared(folder: Path, config: dict[str, Any]) -> Path:
    """Write a configuration into a folder that has no results yet; return the folder.

    Raises
    ------
    SystemExit
        If the folder has results: they would count as made in no time.
    """
    if (folder / "results").exists():
        raise SystemExit(f"error: {folder} has results already; name an empty folder")
    (folder / "config").mkdir(parents=True, exist_ok=True)
    (folder / "config" / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    return folder


def command(folder: Path, cores: int, *arguments: str) -> list[str]:
    """Return the command that carries out a run in a folder."""
    start = [sys.executable, "-m", "snakemake", "--snakefile", str(REPOSITORY / "Snakefile")]
    return [*start, "--directory", str(folder), "--cores", str(cores), *arguments]


def carried_out(folder: Path, cores: int, *arguments: str) -> float:
    """Carry out a run in a folder; return its seconds.

    Raises
    ------
    SystemExit
        If it fails.
    """
    start = time.perf_counter()
    done = subprocess.run(command(folder, cores, *arguments), capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"error: the run in {folder} failed:\n{(done.stdout + done.stderr)[-3000:]}")
    return time.perf_counter() - start


def row(folder: Path, wall: float, cores: int) -> dict[str, Any]:
    """Return what a run took, in seconds.

    Parameters
    ----------
    folder : Path
        The folder of the run, which made everything anew.
    wall : float
        The seconds that went by.
    cores : int
        How many jobs ran at once, each with one thread.
    """
    jobs = bench.benchmarks(folder)
    seconds = {
        rule: sum(job["seconds"] for job in jobs if job["rule"] == rule) / cores
        for rule in ("train_model", "evaluate_model")
    }
    trainings, evaluations = seconds.values()
    timings = [json.loads(path.read_text()) for path in sorted(folder.glob("results/models/*/*/timings.json"))]
    whole = sum(job["seconds"] for job in jobs) / cores
    return {
        "models": sum(job["rule"] == "train_model" for job in jobs),
        "jobs": len(jobs),
        "cores": cores,
        "wall": wall,
        "trainings": trainings,
        "epochs": sum(sum(each["seconds_per_epoch"]) for each in timings) / cores,
        "evaluations": evaluations,
        "other_jobs": whole - trainings - evaluations,
        "between": wall - whole,
        "ratio": wall / (trainings + evaluations),
    }


def sweep(points: int = POINTS, seeds: int = 1, cores: int | None = None, folder: Path | None = None) -> dict[str, Any]:
    """Carry out a sweep in an empty folder, by default a temporary one, and return what it took (see `row`)."""
    cores = cores or bench.cores()
    with tempfile.TemporaryDirectory() as temporary:
        place = prepared(folder or Path(temporary), configuration(points, seeds))
        return row(place, carried_out(place, cores, "--", TARGET), cores)


def quick(fit: float) -> dict[str, Any]:
    """Carry out what `make quick` does, in a temporary folder, and return a row of the table `whole`.

    The images are taken from the last run in this folder, as `make quick` may have to download them.

    Parameters
    ----------
    fit : float
        The seconds that `fit` needs for the published models.
    """
    images = Path("results/data/mnist").resolve()
    with tempfile.TemporaryDirectory() as temporary:
        overlay = Path(temporary, "images.yaml")
        overlay.write_text(yaml.safe_dump({"datasets": {"mnist": {"folder": str(images)}}}))
        files = [REPOSITORY / "config" / "config.yaml", REPOSITORY / "config" / "quick.yaml", overlay]
        place = Path(temporary, "quick")
        place.mkdir()
        arguments = ["--replace-workflow-config", "--configfile", *map(str, files), "--", "all"]
        wall = carried_out(place, bench.cores(), *arguments)
    return {"what": "make quick, from start to end", "seconds": wall, "share_of_fit": wall / fit}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure a sweep as the command line says, and print the row."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=POINTS, help=f"number of models, {POINTS} by default")
    parser.add_argument("--seeds", type=int, default=1, help="number of seeds of each model, 1 by default")
    parser.add_argument("--cores", type=int, default=bench.cores(), help="how many jobs run at once")
    parser.add_argument("--folder", type=Path, help="an empty folder to keep; by default a temporary one")
    parser.add_argument("--write-only", action="store_true", help="write the configuration and print the command")
    settings = parser.parse_args(arguments)
    if settings.write_only:
        place = prepared(settings.folder or Path("sweep"), configuration(settings.points, settings.seeds))
        print(shlex.join(command(place, settings.cores, "--", TARGET)))
    else:
        bench.show([sweep(settings.points, settings.seeds, settings.cores, settings.folder)])


if __name__ == "__main__":
    main()

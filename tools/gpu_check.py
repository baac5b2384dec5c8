"""Measure in one go what a GPU brings. `make gpu-check GPU=1` runs it, on a machine that has one.

It carries out trainings of the default configuration in folders below `gpu-check/` and prints, and writes to
`gpu-check/report.md`:

- each training's wall time, and the share of it in which the GPU computes, as `nvidia-smi` samples it;
- how long the same trainings take with one, two and four at a time on the GPU;
- whether the same training gives the same bytes again on the same card;
- how far the metrics lie from those of the CPU in `results/`, if a finished run is there (`tools/verify.py --metrics`).

Results in `results/` are read and not changed. Without a GPU it says so and ends with status 2.
"""

import argparse
import csv
import hashlib
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.append(str(REPOSITORY / "workflow" / "scripts"))

from aelab.jobs import gpus  # noqa: E402

QUERY = ["nvidia-smi", "--query-gpu=utilization.gpu,memory.used", "--format=csv,noheader,nounits"]
SIDE_BY_SIDE = (1, 2, 4)
NONE = "There is no GPU that CUDA can use on this machine: nothing was measured."


@dataclass(frozen=True)
class Sample:
    """What the GPUs did at a moment.

    Parameters
    ----------
    time : float
        Seconds since 1970.
    busy : float
        Share of the last interval in which the busiest GPU computed, 0 to 1.
    memory : float
        Memory in use on the fullest GPU, in MB.
    """

    time: float
    busy: float
    memory: float


@dataclass(frozen=True)
class Training:
    """One training as it was carried out.

    Parameters
    ----------
    name : str
        Model and seed.
    ended : float
        Seconds since 1970.
    seconds : float
        Wall time of the job.
    """

    name: str
    ended: float
    seconds: float


def read_sample(text: str, moment: float) -> Sample:
    """Read what `nvidia-smi` printed: one line per GPU, utilisation in percent and memory in MB."""
    rows = [[float(value) for value in line.split(",")] for line in text.splitlines() if line.strip()]
    return Sample(moment, max(row[0] for row in rows) / 100, max(row[1] for row in rows))


class Watch:
    """Samples the GPUs in a thread for as long as the block lasts; `samples` holds what it saw."""

    def __init__(self, interval: float = 0.5) -> None:
        self.interval, self.samples, self.over = interval, [], threading.Event()
        self.thread = threading.Thread(target=self.look, daemon=True)

    def look(self) -> None:
        """Take samples until the block has ended."""
        while not self.over.wait(self.interval):
            done = subprocess.run(QUERY, capture_output=True, text=True)
            if done.returncode == 0:
                self.samples.append(read_sample(done.stdout, time.time()))

    def __enter__(self) -> "Watch":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.thread.join()


def share(training: Training, samples: Iterable[Sample]) -> float | None:
    """Return the mean share of a training's time in which the GPU computed; None if no sample was taken."""
    seen = [sample.busy for sample in samples if training.ended - training.seconds <= sample.time <= training.ended]
    return sum(seen) / len(seen) if seen else None


def trainings(folder: Path) -> list[Training]:
    """Return the trainings that a run in a folder has carried out, the longest first."""
    found = []
    for path in (folder / "results/timings/train_model").glob("*/*.tsv"):
        model, seed = path.parts[-2], path.stem
        with open(path, newline="") as file:
            seconds = float(next(csv.DictReader(file, delimiter="\t"))["s"])
        weights = folder / "results/models" / model / seed / "weights.npz"
        found.append(Training(f"{model} {seed}", weights.stat().st_mtime, seconds))
    return sorted(found, key=lambda training: -training.seconds)


def run(folder: Path, configuration: Sequence[str], options: Sequence[str], targets: Sequence[str]) -> float:
    """Carry out targets with the profile for one GPU; return the seconds that it took.

    Parameters
    ----------
    folder : Path
        Where to work.
    configuration : sequence of str
        Configuration files, each laid over those before.
    options : sequence of str
        More options of `snakemake`.
    targets : sequence of str
        Files to make.

    Raises
    ------
    subprocess.CalledProcessError
        If a job has failed; Snakemake has printed why.
    """
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(REPOSITORY / "Snakefile")]
    command += ["--workflow-profile", str(REPOSITORY / "profiles" / "gpu"), "--directory", str(folder)]
    command += ["--replace-workflow-config", "--configfile", *configuration, *options, "--", *targets]
    began = time.monotonic()
    subprocess.run(command, check=True)
    return time.monotonic() - began


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table of Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines)


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def each(done: Sequence[Training], samples: Sequence[Sample]) -> str:
    """Return the section on each training."""
    rows = []
    for training in done:
        found = share(training, samples)
        rows.append([training.name, f"{training.seconds:.1f}", "no sample" if found is None else f"{found:.0%}"])
    most = max((sample.memory for sample in samples), default=0.0)
    return f"## Each training alone\n\n{table(['training', 's', 'GPU computes'], rows)}\nMost memory: {most:.0f} MB.\n"


def main(arguments: argparse.Namespace) -> int:
    """Measure everything; return the exit status."""
    if not gpus.cards():
        print(NONE, file=sys.stderr)
        return 2
    configuration = [str(path.resolve()) for path in arguments.configuration]
    root = arguments.folder.resolve()
    for place in ("alone", *(f"side-{places}" for places in SIDE_BY_SIDE)):
        shutil.rmtree(root / place, ignore_errors=True)
    with Watch() as watch:
        run(root / "alone", configuration, arguments.options, ["results/metrics.csv"])
    done = trainings(root / "alone")
    said = subprocess.run(["nvidia-smi", "--list-gpus"], capture_output=True, text=True).stdout
    sections = [f"# What a GPU brings\n\n{said}", each(done, watch.samples)]

    some = sorted(done, key=lambda training: training.seconds)[: arguments.some]
    files = ["results/models/{}/{}/weights.npz".format(*training.name.split()) for training in some]
    rows = []
    for places in SIDE_BY_SIDE:
        folder = root / f"side-{places}"
        seconds = run(folder, configuration, [*arguments.options, "--resources", f"gpu={places}"], files)
        rows.append([places, f"{seconds:.0f}"])
    sections.append(f"## {len(files)} trainings side by side\n\n{table(['at a time', 's, all of them'], rows)}")

    rows = []
    for file in files:
        same = digest(root / "alone" / file) == digest(root / f"side-{SIDE_BY_SIDE[0]}" / file)
        rows.append([file, "the same bytes" if same else "DIFFERENT"])
    sections.append(f"## The same training twice\n\n{table(['weights', 'again'], rows)}")

    if (arguments.cpu / "results/metrics.csv").exists():
        verify = [sys.executable, str(REPOSITORY / "tools/verify.py"), "--directory", str(root / "alone"), "--metrics"]
        found = subprocess.run([*verify, "--against", str(arguments.cpu)], capture_output=True, text=True)
        sections.append(f"## Metrics against the CPU's\n\n```\n{found.stdout}{found.stderr}```\n")
    else:
        sections.append(
            f"## Metrics against the CPU's\n\nNot compared: {arguments.cpu}/results holds no finished run.\n"
        )
    text = "\n".join(sections)
    (root / "report.md").write_text(text)
    print(text)
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--folder", type=Path, default=Path("gpu-check"), help="where to work")
    parser.add_argument("--cpu", type=Path, default=Path(), help="the folder of a finished run on the CPU")
    parser.add_argument("--some", type=int, default=8, help="how many trainings, the shortest, to repeat side by side")
    parser.add_argument(
        "--configuration",
        type=Path,
        nargs="+",
        default=[REPOSITORY / "config/config.yaml"],
        help="configuration files; with config/quick.yaml added, minutes are enough",
    )
    parser.add_argument("options", nargs="*", help="more options of snakemake, after --")
    sys.exit(main(parser.parse_args()))

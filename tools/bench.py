"""Measure the speed of training, compared with Keras's `fit` and with the machine. `make bench` runs it.

It prints these tables and writes them as `results/bench/*.csv`:

- `machine`: what is measured on.
- `architectures`: one row per architecture of the published models. It has the seconds per epoch of `fit` (one training
  on all cores) and of our loop (as many trainings with one thread each as there are cores, seconds divided by the
  number of cores), their ratio, GFLOP/s, the share of the speed of a float32 matrix product, and both losses. `fit`
  has what users write: Keras's Adam, TensorFlow's softplus and cross-entropy. Both sides are started twice, taking
  turns, and a third time if one of them gives different times. The fastest epoch counts, since other work of the
  machine can only add time. The losses are those of the first start, which is the longest. Some systems run all threads
  of a process on one core for minutes: if `fit` never uses more than one (`fit_busy_cores`), it is started again.
- `whole`: the seconds that `fit` would need for the published models one after another, from the table above and the
  published numbers of epochs, compared with the last run (seconds of its jobs, from Snakemake's benchmark files,
  divided by the number of cores).
- `shares`: the seconds of the last run's jobs that went to training, to judging models and to everything else.
- `rules`: for each rule of the last run, the number of jobs, how many of them use TensorFlow, seconds (of jobs with
  one thread) and peak memory.
- `dry_runs`: seconds and memory of a dry run, by number of jobs.
- `sweep`: what a sweep of 1,000 small models took, and what its trainings and evaluations alone took
  (`tools/bench_sweep.py`). The last row of `whole` is `make quick`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras
    import numpy as np
    import tensorflow as tf

    from aelab.training.autoencoder import Autoencoder

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY / "workflow" / "scripts"))

OUT = Path("results/bench")
MEASURED_EPOCHS = {"float32": 5, "bfloat16": 2}  # by precision: models in bfloat16 train slowly
STARTS, REPRODUCED, LATER_EPOCHS = 3, 1.1, 2  # most starts; ratio of equal times; epochs of later starts
TRIES_OF_FIT, ONE_CORE = 2, 1.2  # busy cores of fit: 0.8 to 1.15 if its threads share a core, otherwise 1.25 to 1.9
DRY_RUN_JOBS = (10, 100, 1_000, 10_000)


def configuration() -> dict[str, Any]:
    """Return the default configuration, checked and with all defaults."""
    from aelab.plan import configuration, entries, strict_yaml

    path = REPOSITORY / "config" / "config.yaml"
    config = configuration.load(strict_yaml.read_yaml(path), [path])
    for name, entry in config["models"].items():
        dataset = entries.dataset_of(config, name)
        entry |= {"image_shape": dataset.shape, "classes": len(dataset.classes)}
    return config


def cores() -> int:
    """Return the number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def machine() -> dict[str, Any]:
    """Describe the machine and the versions of Python and TensorFlow."""
    import tensorflow as tf

    model = (
        next(
            (line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")),
            platform.processor(),
        )
        if Path("/proc/cpuinfo").exists()
        else platform.processor()
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    gpus = tf.config.list_physical_devices("GPU")
    return {
        "processor": model,
        "cores": cores(),
        "memory_gib": round(memory, 1),
        "gpus": len(gpus),
        "system": platform.system(),
        "python": platform.python_version(),
        "tensorflow": tf.__version__,
    }


# -- one architecture, measured in a separate process ---------------------------------------------


def flops_per_image(architecture: Autoencoder) -> int:
    """Return the floating-point operations of one training step per image.

    There are 2 per weight and position of the output forwards, and 4 backwards. Layers that are not trained have no
    backward pass. As usual, the first layer counts like the others, although the gradient of its input is not needed.
    """
    import numpy as np

    total, trained = 0, {variable.path for variable in architecture.variables}
    for network in architecture.networks.values():
        for layer in network.layers:
            kernel = getattr(layer, "kernel", None)
            if kernel is None:
                continue
            kernel = kernel() if callable(kernel) else kernel  # of a tied layer: that of another one
            places = 1
            if len(kernel.shape) == 4:
                transposed = "Transpose" in type(layer).__name__
                places = int(np.prod((layer.input if transposed else layer.output).shape[1:3]))
            total += (6 if kernel.path in trained else 2) * int(np.prod(kernel.shape)) * places
    return total


def as_users_have_it(entry: dict[str, Any]) -> Autoencoder:
    """Build the model of an entry with TensorFlow's own softplus and cross-entropy instead of our faster ones."""
    import tensorflow as tf

    from aelab.kinds import architectures
    from aelab.training import losses, networks

    def cross_entropy(targets: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        terms = tf.nn.sigmoid_cross_entropy_with_logits(labels=targets, logits=logits)
        return tf.reduce_mean(tf.reduce_sum(terms, axis=1))

    networks.OWN_ACTIVATIONS.clear()
    losses.cross_entropy_of_logits = cross_entropy
    return architectures.create(entry)


def fit_model(architecture: Autoencoder, entry: dict[str, Any]) -> keras.Model:
    """Build a Keras model whose `fit` trains an architecture as users do.

    That is with Keras's Adam and float32 images, and one call of the graph per step.

    Parameters
    ----------
    architecture : Autoencoder
        The model.
    entry : dict
        Its entry in the configuration.
    """
    import keras
    import tensorflow as tf

    class Model(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.parts = list(architecture.networks.values())
            self.mean_loss = keras.metrics.Mean(name="loss")

        def train_step(self, data: tuple[tf.Tensor, tf.Tensor]) -> dict[str, tf.Tensor]:
            x, y = data
            with tf.GradientTape() as tape:
                loss = architecture.loss(x, y, tf.random.uniform([2], maxval=2**30, dtype=tf.int32), training=True)
            self.optimizer.apply(tape.gradient(loss, architecture.variables), architecture.variables)
            self.mean_loss.update_state(loss)
            return {"loss": self.mean_loss.result()}

    from aelab.training import schedules

    model = Model()
    model.compile(optimizer=keras.optimizers.Adam(schedules.schedule(entry["optimizer"], 1000)), loss=None)
    return model


def material(plan: dict[str, Any]) -> tuple[np.ndarray, np.ndarray | None]:
    """Return inputs and targets of a training.

    Parameters
    ----------
    plan : dict
        The training, as `published_trainings` returns it.

    Returns
    -------
    inputs : np.ndarray
        uint8 pixels, or codes that the last run has written.
    targets : np.ndarray or None
        Labels; None if the targets are the inputs.
    """
    import numpy as np

    from aelab.data import idx, splits
    from aelab.files.arrays import read_array
    from aelab.plan import entries

    rows = splits.split(plan["split"])["train"]
    if plan["entry"].get("codes_of"):
        path = f"results/models/{plan['entry']['codes_of']}/seed-{plan['seeds'][0]}/codes/train.npy"
        return read_array(path)[rows], None
    images = idx.read_images(plan["files"]["images"])[rows]
    if not entries.learns_labels(plan["entry"]):
        return images, None
    return images, idx.read_labels(plan["files"]["labels"])[rows].astype(np.int32)


def train_one(plan: dict[str, Any], how: str, epochs: int) -> None:
    """Train a model and print the measurements as JSON.

    These are seconds and busy cores of the fastest epoch, the last loss, and the floating-point operations of an epoch;
    for the loop, also the speed of a matrix product with one thread, in GFLOP/s.

    Parameters
    ----------
    plan : dict
        The training, as `published_trainings` returns it.
    how : {"fit", "loop"}
        Keras's `fit` or our loop.
    epochs : int
        How many epochs to train.
    """
    from aelab.training import devices

    entry = {**plan["entry"], "corruption": None, "updates": None, "epochs": epochs}
    if how == "loop":
        devices.prepare(1, precision=entry["precision"])
    import keras

    from aelab.data import datasets
    from aelab.kinds import architectures
    from aelab.training import loop

    keras.utils.set_random_seed(1)
    inputs, targets = material(plan)
    architecture = as_users_have_it(entry) if how == "fit" else architectures.create(entry)
    epochs_measured = []
    if how == "fit":
        x = datasets.unit(inputs) if inputs.dtype == "uint8" else inputs
        y = x if targets is None else targets
        model = fit_model(architecture, entry)
        for _ in range(epochs):
            with stopwatch(epochs_measured):
                history = model.fit(x, y, batch_size=entry["batch_size"], epochs=1, verbose=0)
        loss = history.history["loss"][-1]
    else:
        trained = loop.Loop(architecture, entry, loop.Examples(inputs, targets), "bench", 1)
        for number in range(epochs):
            with stopwatch(epochs_measured):
                loss = trained.epoch(number)
    seconds, busy = min(epochs_measured)
    found = {"seconds": seconds, "busy": busy, "loss": loss, "flops": flops_per_image(architecture) * len(inputs)}
    print(json.dumps(found | ({"product": product_rate()} if how == "loop" else {})))


@contextmanager
def stopwatch(measured: list[tuple[float, float]]) -> Iterator[None]:
    """Append the seconds of the block and its busy cores (CPU time divided by elapsed time) to a list."""
    start, used = time.perf_counter(), time.process_time()
    yield
    seconds = time.perf_counter() - start
    measured.append((seconds, (time.process_time() - used) / seconds))


def product_rate(size: int = 2048, seconds: float = 1.0) -> float:
    """Return the speed of TensorFlow's float32 matrix product with the threads of this process, in GFLOP/s.

    Parameters
    ----------
    size : int
        Rows and columns of the matrices.
    seconds : float
        For how long to measure; the fastest product counts.
    """
    import tensorflow as tf

    a = tf.random.normal((size, size))
    product = tf.function(lambda a: tf.matmul(a, a))
    product(a)
    times = []
    while sum(times) < seconds:
        start = time.perf_counter()
        product(a).numpy()
        times.append(time.perf_counter() - start)
    return 2 * size**3 / min(times) / 1e9


def child(*arguments: object, environment: dict[str, str] | None = None) -> subprocess.Popen:
    """Start this file in another process.

    Parameters
    ----------
    *arguments
        The arguments of the command.
    environment : dict of str to str, optional
        Additional environment variables.
    """
    return subprocess.Popen(
        [sys.executable, __file__, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", **(environment or {})},
    )


def answer(process: subprocess.Popen) -> dict[str, Any]:
    """Wait for a process and return what it has printed as JSON.

    Raises
    ------
    SystemExit
        If the process fails.
    """
    text, errors = process.communicate()
    if process.returncode:
        raise SystemExit(f"a measurement failed: {' '.join(process.args[2:])}\n{errors[-2000:]}")
    return json.loads(text.strip().splitlines()[-1])


def measured_fit(name: str, epochs: int) -> dict[str, Any]:
    """Return what `train_one` measures for `fit`; the best of several attempts if its threads share one core."""
    found = []
    while len(found) < TRIES_OF_FIT and (not found or cores() > 1 and found[-1]["busy"] < ONE_CORE):
        found.append(answer(child("train", name, "fit", epochs)))
    return min(found, key=lambda fit: fit["seconds"])


def measured_loops(name: str, epochs: int) -> dict[str, Any]:
    """Return what `train_one` measures for our loop, with as many trainings at once as there are cores.

    The seconds are the mean over these trainings, the speed of the matrix product is the sum.
    """
    surroundings = {"OMP_NUM_THREADS": "1"}
    running = [child("train", name, "loop", epochs, environment=surroundings) for _ in range(cores())]
    found = [answer(process) for process in running]
    seconds, product = (sum(one[key] for one in found) for key in ("seconds", "product"))
    return found[0] | {"seconds": seconds / len(found), "product": product}


def reproduced(starts: list[dict[str, Any]]) -> bool:
    """Return whether the two fastest starts took nearly the same time."""
    fastest, second = sorted(start["seconds"] for start in starts)[:2]
    return second <= REPRODUCED * fastest


def architectures_table(plans: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the table `architectures`, given the trainings by model. Print each row when it has been measured."""
    rows = []
    for name, plan in plans.items():
        entry, epochs = plan["entry"], plan["measured_epochs"]
        fits, loops = [], []
        while len(fits) < 2 or len(fits) < STARTS and not (reproduced(fits) and reproduced(loops)):
            fits.append(measured_fit(name, epochs))
            loops.append(measured_loops(name, epochs))
            epochs = min(epochs, LATER_EPOCHS)
        fit_loss, loop_loss = fits[0]["loss"], loops[0]["loss"]
        fit, loop = (min(side, key=lambda start: start["seconds"]) for side in (fits, loops))
        loop_seconds = loop["seconds"] / cores()
        gflops = loop["flops"] / loop_seconds / 1e9
        rows.append(
            {
                "model": name,
                "batch_size": entry["batch_size"],
                "precision": entry["precision"],
                "fit_seconds_per_epoch": fit["seconds"],
                "fit_busy_cores": fit["busy"],
                "loop_seconds_per_epoch": loop_seconds,
                "fit_over_loop": fit["seconds"] / loop_seconds,
                "gflops": gflops,
                "share_of_matrix_product": gflops / loop["product"],
                "fit_loss": fit_loss,
                "loop_loss": loop_loss,
                "same_loss": abs(fit_loss - loop_loss) <= 0.1 * abs(fit_loss),
            }
        )
        show(rows[-1:], header=len(rows) == 1)
    return rows


# -- the last run ------------------------------------------------------------------------------------


def benchmarks(folder: Path = Path()) -> list[dict[str, Any]]:
    """Return `rule`, `path`, `seconds` and `peak_memory_mb` of each job of a folder's run, from its benchmark file.

    Elapsed seconds are used instead of CPU seconds: jobs have one thread, and Snakemake samples the CPU time only every
    half minute.
    """
    found = []
    for path in sorted((folder / "results/timings").rglob("*.tsv")):
        rule = path.relative_to(folder / "results/timings").parts[0].removesuffix(".tsv")
        header, values = (line.split("\t") for line in path.read_text().splitlines()[:2])
        record = dict(zip(header, values, strict=True))
        keys = {"seconds": "s", "peak_memory_mb": "max_rss"}
        found.append({"rule": rule, "path": path} | {key: number(record[name]) for key, name in keys.items()})
    return found


def rules_with_tensorflow(folder: Path = Path()) -> set[str]:
    """Return the rules of a folder's run that use TensorFlow, by the code that Snakemake's records name."""
    paths = (path for path in (folder / ".snakemake" / "metadata").rglob("*") if path.is_file())
    records = [json.loads(path.read_text()) for path in paths]
    return {record["rule"] for record in records if "aelab/training/devices.py" in str(record["params"])}


def rules_table(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the table `rules`, given the jobs that `benchmarks` returns."""
    rows, with_tensorflow = {}, rules_with_tensorflow()
    for job in found:
        empty = {"rule": job["rule"], "jobs": 0, "jobs_with_tensorflow": 0, "seconds": 0.0, "peak_memory_mb": 0.0}
        row = rows.setdefault(job["rule"], empty)
        row["jobs"] += 1
        row["jobs_with_tensorflow"] += job["rule"] in with_tensorflow
        row["seconds"] += job["seconds"]
        row["peak_memory_mb"] = max(row["peak_memory_mb"], job["peak_memory_mb"])
    total = sum(row["seconds"] for row in rows.values()) or 1.0
    for row in rows.values():
        row["share"] = row["seconds"] / total
    return sorted(rows.values(), key=lambda row: -row["seconds"])


# Rules that evaluate trained models. The time to start and to read files is included, as it is not measured separately.
JUDGING = r"evaluate_model|measure_.*|compare_.*|differentiate_models|tabulate_.*|iterate_.*|analyse_.*"


def shares_table(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the table `shares`, given the jobs that `benchmarks` returns."""
    timings = [json.loads(path.read_text()) for path in sorted(Path("results/models").glob("*/*/timings.json"))]
    training = sum(sum(each["seconds_per_epoch"]) for each in timings)
    judging = sum(job["seconds"] for job in found if re.fullmatch(JUDGING, job["rule"]))
    whole = sum(job["seconds"] for job in found)
    trainings = sum(job["seconds"] for job in found if job["rule"] == "train_model")
    parts = {
        "training": training,
        "judging": judging,
        "all around them": whole - training - judging,
        "of that, starting and ending trainings": trainings - training,
        "of that, figures": sum(job["seconds"] for job in found if job["rule"].startswith("plot_")),
    }
    return [{"what": name, "seconds": seconds, "share": seconds / whole} for name, seconds in parts.items()]


def number(text: str) -> float:
    """Convert a field of a benchmark file; return 0 if the job was too short to be sampled."""
    try:
        return float(text)
    except ValueError:
        return 0.0


def whole_table(
    rows: list[dict[str, Any]], found: list[dict[str, Any]], published: dict[str, dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return the table `whole`.

    Parameters
    ----------
    rows : list of dict
        The table `architectures`.
    found : list of dict
        The jobs that `benchmarks` returns.
    published : dict
        The trainings that `published_trainings` returns.
    """
    fit_seconds = {row["model"]: row["fit_seconds_per_epoch"] for row in rows}
    fit = sum(fit_seconds[p["measured_as"]] * p["epochs"] * len(p["seeds"]) for p in published.values())
    trainings = {
        f"results/timings/train_model/{name}/seed-{seed}.tsv" for name in published for seed in published[name]["seeds"]
    }
    ours = sum(job["seconds"] for job in found if job["path"].as_posix() in trainings) / cores()
    whole = sum(job["seconds"] for job in found) / cores()
    return [
        {"what": "published models, fit, one after the other", "seconds": fit, "share_of_fit": 1.0},
        {"what": "published models, trainings of the last run", "seconds": ours, "share_of_fit": ours / fit},
        {"what": "all jobs of the last run", "seconds": whole, "share_of_fit": whole / fit},
    ]


def plan_once(folder: str) -> None:
    """Make a dry run in a folder and print its seconds and peak memory as JSON.

    It runs in a new process, since the peak memory of a process includes that of everything it has run before.
    """
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(REPOSITORY / "Snakefile"), "--directory", folder]
    start = time.perf_counter()
    code = subprocess.run([*command, "--dry-run", "--quiet", "rules", "progress", "--", "all"]).returncode
    seconds = time.perf_counter() - start
    mebibytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak_memory_mb": mebibytes, "exit": code}))


def dry_runs() -> list[dict[str, Any]]:
    """Return the table `dry_runs`, from sweeps over one model."""
    import yaml

    rows = []
    base = yaml.safe_load((REPOSITORY / "config" / "config.yaml").read_text())
    for jobs in DRY_RUN_JOBS:
        config = {**base, "studies": {}, "models": {k: v for k, v in base["models"].items() if k in ("judge", "pca_2")}}
        values = [round(1e-4 * n, 8) for n in range(1, max(jobs // 2 - 2, 1) + 1)]
        config["models"]["swept"] = base["models"]["dense_2_corrected"] | {"seeds": [1]}
        config["sweeps"] = {"sweep": {"base": "swept", "grid": {"optimizer.learning_rate": values}}}
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "config").mkdir()
            (Path(folder) / "config" / "config.yaml").write_text(yaml.safe_dump(config))
            rows.append({"jobs": jobs, **answer(child("plan", folder))})
            show([rows[-1]], header=len(rows) == 1)
    return rows


# -- tables ------------------------------------------------------------------------------------------


def show(rows: list[dict[str, Any]], header: bool = True) -> None:
    """Print rows as aligned columns."""
    if header:
        print("  ".join(f"{key:>{max(len(key), 9)}}" for key in rows[0]))
    for row in rows:
        print(
            "  ".join(
                f"{value:>{max(len(key), 9)}.4g}" if isinstance(value, float) else f"{value!s:>{max(len(key), 9)}}"
                for key, value in row.items()
            ),
            flush=True,
        )


def write(name: str, rows: list[dict[str, Any]]) -> None:
    """Write rows as `results/bench/<name>.csv`."""
    import pandas as pd

    OUT.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(rows).to_csv(OUT / f"{name}.csv", index=False, float_format="%.4g")


def published_trainings(config: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return all trainings that the published models need.

    Trainings that differ only in settings that do not affect the time are measured once.

    Returns
    -------
    dict of str to dict
        By model: its `entry`; `split`; `files` with images and labels; `seeds`; `epochs`, which may be a fraction;
        `measured_epochs`; and `measured_as`, the first model whose training takes the same time per epoch.
    """
    from aelab.plan import entries, specs
    from aelab.plan.plan import Plan

    plan = Plan(config)
    needed = [name for name, entry in config["models"].items() if entry["recipe"] in ("asked", "published")]
    for name in needed:
        needed += [before for _, before in entries.upstream(config["models"][name]) if before not in needed]
    found, first = {}, {}
    costless = (
        "corruption",
        "starts_from",
        "frozen",
        "watch",
        "epochs",
        "updates",
        "optimizer",
        "split",
        "codes_of",
        "input_size",
    )
    for name in needed:
        entry = plan.entry(name)
        if not entry.get("epochs"):
            continue
        split = config["splits"][entry["split"]]
        steps = -(-split["train"] // min(entry["batch_size"], split["train"]))
        alike = {key: value for key, value in entry.items() if key not in costless} | {"frozen": entry.get("frozen")}
        found[name] = {
            "entry": entry,
            "split": {**split, "images": plan.dataset(name).images["train"]},
            "files": plan.dataset(name).files["train"],
            "seeds": config["models"][name]["seeds"],
            "epochs": entry["updates"] / steps if entry["updates"] else entry["epochs"],
            "measured_epochs": 12
            if entry["precision"] == "float32" and steps < 20
            else MEASURED_EPOCHS[entry["precision"]],
            "measured_as": first.setdefault(specs.canonical(alike | {"images": split["train"]}), name),
        }
    return found


def main() -> None:
    """Measure, print and write all tables."""
    if not Path("results/models").is_dir():
        raise SystemExit("error: there is no finished run to measure; run `make` first")
    import bench_sweep

    config = configuration()
    published = published_trainings(config)
    description = machine()
    print(json.dumps(description), flush=True)
    write("machine", [description])
    rows = architectures_table({name: plan for name, plan in published.items() if plan["measured_as"] == name})
    write("architectures", rows)
    found = benchmarks()
    tables = {
        "whole": whole_table(rows, found, published),
        "shares": shares_table(found),
        "rules": rules_table(found),
    }
    tables["whole"].append(bench_sweep.quick(tables["whole"][0]["seconds"]))
    tables["sweep"] = [bench_sweep.sweep()]
    for name, table in tables.items():
        print()
        show(table)
        write(name, table)
    print()
    write("dry_runs", dry_runs())


if __name__ == "__main__":
    if sys.argv[1:2] == ["train"]:
        train_one(published_trainings(configuration())[sys.argv[2]], sys.argv[3], int(sys.argv[4]))
    elif sys.argv[1:2] == ["plan"]:
        plan_once(sys.argv[2])
    else:
        argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
        main()

"""Measure how fast the laboratory is, against Keras's `fit` and against the machine. `make bench` runs it.

Out: `results/bench/*.csv` and the same tables on the terminal: the machine; for each architecture the
seconds an epoch of `fit` (all cores, one training) and of our loop (one thread a training, as many
trainings as cores), their ratio, GFLOP/s and the share of the float32 matrix product's rate measured
beside it, and the losses that both reach; the whole published set against `fit`; CPU time by rule and
starts of TensorFlow of the last run, from Snakemake's benchmark files; dry-run time by number of jobs.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY / "workflow" / "scripts"))

OUT = Path("results/bench")
DRY_RUN_JOBS = (10, 100, 1_000, 10_000)


def configuration():
    """The default configuration, checked and complete."""
    from aelab import configuration

    path = REPOSITORY / "config" / "config.yaml"
    return configuration.load(configuration.read_yaml(path), [path])


def cores():
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def machine():
    """What is measured on, in words."""
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


# -- one architecture, measured in a process of its own ---------------------------------------------


def flops_per_image(architecture):
    """Floating-point operations of one training step an image: 2 a weight forward, 4 backward, by layer output."""
    import numpy as np

    total = 0
    for network in architecture.networks.values():
        for layer in network.layers:
            kernel = getattr(layer, "kernel", None)
            if kernel is None:
                continue
            places = 1
            if len(kernel.shape) == 4:
                transposed = "Transpose" in type(layer).__name__
                places = int(np.prod((layer.input if transposed else layer.output).shape[1:3]))
            total += 6 * int(np.prod(kernel.shape)) * places
    return total


def fit_model(architecture, entry):
    """A Keras model whose `fit` trains the architecture as users do: compiled, float32 images, one step a call."""
    import keras
    import tensorflow as tf

    class Model(keras.Model):
        def __init__(self):
            super().__init__()
            self.parts = list(architecture.networks.values())
            self.mean_loss = keras.metrics.Mean(name="loss")

        def train_step(self, data):
            x, y = data
            with tf.GradientTape() as tape:
                loss = architecture.loss(x, y, tf.random.uniform([2], maxval=2**30, dtype=tf.int32), training=True)
            self.optimizer.apply(tape.gradient(loss, architecture.variables), architecture.variables)
            self.mean_loss.update_state(loss)
            return {"loss": self.mean_loss.result()}

    from aelab import schedules

    model = Model()
    model.compile(optimizer=schedules.optimizer(entry["optimizer"], 1000), loss=None)
    return model


def train_one(name, how, epochs):
    """Seconds of each epoch and the last loss of one model, `how` being `fit` or `loop`; printed as JSON."""
    import numpy as np

    if how == "loop":
        from aelab import devices

        precision = PLANS[name]["entry"].get("precision", "float32")
        devices.prepare(1, precision=precision)
    import keras

    from aelab import architectures, datasets, idx, splits, training

    keras.utils.set_random_seed(1)
    entry = PLANS[name]["entry"]
    folder = Path("results/data/mnist")
    rows = splits.split(PLANS[name]["split"])["train"]
    images = idx.read_images(folder / "train-images-idx3-ubyte")[rows]
    labels = idx.read_labels(folder / "train-labels-idx1-ubyte")[rows].astype(np.int32)
    architecture = architectures.create(entry)
    learns_labels = architecture.learns == "labels"
    seconds = []
    if how == "fit":
        x = datasets.unit(images)
        y = labels if learns_labels else x
        model = fit_model(architecture, entry)
        for _ in range(epochs):
            start = time.perf_counter()
            history = model.fit(x, y, batch_size=entry["batch_size"], epochs=1, verbose=0)
            seconds.append(time.perf_counter() - start)
        loss = history.history["loss"][-1]
    else:
        loop = training.Loop(
            architecture,
            {**entry, "epochs": epochs},
            training.Examples(images, labels if learns_labels else None),
            name,
            1,
        )
        for number in range(epochs):
            start = time.perf_counter()
            loss = loop.epoch(number)
            seconds.append(time.perf_counter() - start)
    print(json.dumps({"seconds": seconds, "loss": loss, "flops": flops_per_image(architecture) * len(images)}))


def matrix_rate(threads, size=2048, seconds=2.0):
    """GFLOP/s of the float32 matrix product of TensorFlow with some threads; printed as JSON."""
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    a = tf.random.normal((size, size))
    product = tf.function(lambda a: tf.matmul(a, a))
    product(a)
    times = []
    while sum(times) < seconds:
        start = time.perf_counter()
        product(a).numpy()
        times.append(time.perf_counter() - start)
    print(json.dumps({"gflops": 2 * size**3 / sorted(times)[len(times) // 2] / 1e9}))


def child(*arguments, environment=None):
    """Start this file in a process of its own."""
    return subprocess.Popen(
        [sys.executable, __file__, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", **(environment or {})},
    )


def answer(process):
    """What a child printed."""
    text, _ = process.communicate()
    if process.returncode:
        raise SystemExit(f"a measurement failed: {' '.join(process.args[2:])}")
    return json.loads(text.strip().splitlines()[-1])


def median(values):
    """The middle of a list, the first (which compiles) left out where there are others."""
    values = sorted(values[1:] or values)
    return values[len(values) // 2]


def architectures_table(names, budget):
    """One row an architecture: `fit` against as many one-thread loops as there are cores."""
    rows = []
    for name in names:
        epochs = PLANS[name]["bench_epochs"]
        fit = answer(child("train", name, "fit", epochs))
        one = {"OMP_NUM_THREADS": "1"}
        loops = [answer(p) for p in [child("train", name, "loop", epochs, environment=one) for _ in range(cores())]]
        rate = sum(answer(p)["gflops"] for p in [child("matrix", 1, environment=one) for _ in range(cores())])
        loop_seconds = sum(median(loop["seconds"]) for loop in loops) / cores() ** 2
        fit_seconds = median(fit["seconds"])
        rows.append(
            {
                "model": name,
                "batch_size": PLANS[name]["entry"]["batch_size"],
                "precision": PLANS[name]["entry"].get("precision", "float32"),
                "fit_seconds_per_epoch": fit_seconds,
                "loop_seconds_per_epoch": loop_seconds,
                "fit_over_loop": fit_seconds / loop_seconds,
                "gflops": loops[0]["flops"] / loop_seconds / 1e9,
                "share_of_matrix_product": loops[0]["flops"] / loop_seconds / 1e9 / rate,
                "fit_loss": fit["loss"],
                "loop_loss": loops[0]["loss"],
                "same_loss": abs(fit["loss"] - loops[0]["loss"]) <= 0.1 * abs(fit["loss"]),
            }
        )
        show([rows[-1]], header=len(rows) == 1)
    return rows


# -- the last run ------------------------------------------------------------------------------------


def rules_table():
    """CPU seconds, jobs and peak memory of each rule of the last run, from Snakemake's benchmark files."""
    rows = {}
    for path in Path("results/timings").rglob("*.tsv"):
        rule = path.relative_to("results/timings").parts[0].removesuffix(".tsv")
        header, values = (line.split("\t") for line in path.read_text().splitlines()[:2])
        record = dict(zip(header, values, strict=True))
        row = rows.setdefault(rule, {"rule": rule, "jobs": 0, "cpu_seconds": 0.0, "peak_memory_mb": 0.0})
        row["jobs"] += 1
        row["cpu_seconds"] += number(record["cpu_time"])
        row["peak_memory_mb"] = max(row["peak_memory_mb"], number(record["max_rss"]))
    total = sum(row["cpu_seconds"] for row in rows.values()) or 1.0
    for row in rows.values():
        row["share_of_cpu"] = row["cpu_seconds"] / total
    return sorted(rows.values(), key=lambda row: -row["cpu_seconds"])


def number(text):
    """A number of a benchmark file; 0 where the job was too short to be sampled."""
    try:
        return float(text)
    except ValueError:
        return 0.0


def whole_run():
    """Wall seconds from the first start to the last end that Snakemake recorded, and starts of TensorFlow."""
    records = []
    for path in Path(".snakemake/metadata").rglob("*"):
        if path.is_file():
            try:
                records.append(json.loads(path.read_text()))
            except ValueError:
                continue
    starts = [record["starttime"] for record in records if record.get("starttime")]
    ends = [record["endtime"] for record in records if record.get("endtime")]
    return {"wall_seconds": max(ends) - min(starts)} if starts else {}


def dry_runs():
    """Seconds and peak memory of a dry run by number of jobs, from sweeps over one model."""
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
            start = time.perf_counter()
            pid = os.spawnv(
                os.P_NOWAIT,
                sys.executable,
                [sys.executable, "-m", "snakemake", "--snakefile", str(REPOSITORY / "Snakefile")]
                + ["--directory", folder, "--dry-run", "--quiet", "all", "--", "all"],
            )
            _, status, usage = os.wait4(pid, 0)
            rows.append(
                {
                    "jobs": jobs,
                    "seconds": time.perf_counter() - start,
                    "peak_memory_mb": usage.ru_maxrss / 1024,
                    "exit": os.waitstatus_to_exitcode(status),
                }
            )
            show([rows[-1]], header=len(rows) == 1)
    return rows


# -- tables ------------------------------------------------------------------------------------------


def show(rows, header=True):
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


def write(name, rows):
    """Write rows as CSV."""
    import pandas as pd

    OUT.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(rows).to_csv(OUT / f"{name}.csv", index=False, float_format="%.4g")


def plans(config):
    """For each published model trained by gradients on images: entry, split, and epochs to measure."""
    from aelab.plan import Plan

    plan = Plan(config)
    found = {}
    for name, entry in config["models"].items():
        if entry["recipe"] == "published" and entry.get("epochs") and not entry.get("codes_of"):
            complete = {**plan.entry(name), "corruption": None}
            updates = -(-config["splits"][entry["split"]]["train"] // entry["batch_size"])
            found[name] = {
                "entry": complete,
                "split": config["splits"][entry["split"]],
                "epochs": entry["epochs"],
                "bench_epochs": 12 if updates < 20 and entry["kind"] == "dense" else 2,
            }
    return found


if __name__ == "__main__":
    PLANS = plans(configuration())
    if sys.argv[1:2] == ["train"]:
        train_one(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    elif sys.argv[1:2] == ["matrix"]:
        matrix_rate(int(sys.argv[2]))
    else:
        parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
        parser.add_argument("models", nargs="*", help="published models to measure; one of each architecture if none")
        arguments = parser.parse_args()
        description = machine()
        print(json.dumps(description))
        write("machine", [description])
        rows = architectures_table(arguments.models or list(PLANS), None)
        write("architectures", rows)
        rules = rules_table()
        show(rules)
        write("rules", rules)
        write("dry_runs", dry_runs())

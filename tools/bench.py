"""Measure how fast the laboratory is, against Keras's `fit` and against the machine. `make bench` runs it.

On the terminal and as `results/bench/*.csv`:

- `machine`: what is measured on.
- `architectures`: for each architecture of the published set the seconds an epoch of `fit` (all cores, one training)
  and of our loop (one thread a training, as many side by side as there are cores, so that seconds are divided by
  cores), their ratio, GFLOP/s, the share of the float32 matrix product's rate measured beside it, both losses. `fit`
  has what users write: Keras's Adam, TensorFlow's softplus and cross-entropy. Both sides start twice, by turns, a third
  time where one of them is not reproduced, and the fastest epoch counts: whatever else the machine does only adds time.
  Losses are those of the first start, which is the longest. Some systems run all threads of a process on one core for
  minutes: where `fit` is never busy on more (`fit_busy_cores`), it is started again.
- `whole`: what `fit` would need for the published set one model after the other, from these seconds and the published
  numbers of epochs, against what the last run needed (seconds of jobs, from Snakemake's benchmark files, by cores).
- `shares`: what the seconds of the last run's jobs went to: training, judging, and all around them.
- `rules`: jobs, starts of TensorFlow, seconds (of one thread a job) and peak memory of each rule of the last run.
- `dry_runs`: seconds and memory of a dry run by number of jobs.
"""

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
from contextlib import contextmanager
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY / "workflow" / "scripts"))

OUT = Path("results/bench")
MEASURED_EPOCHS = {"float32": 5, "bfloat16": 2}  # by precision: in bfloat16 is what takes long
STARTS, REPRODUCED, LATER_EPOCHS = 3, 1.1, 2  # starts at most, ratio of two starts' seconds, epochs from the second on
TRIES_OF_FIT, ONE_CORE = 2, 1.2  # busy cores of fit where its threads share one: 0.8 to 1.15; otherwise 1.25 to 1.9
DRY_RUN_JOBS = (10, 100, 1_000, 10_000)


def configuration():
    """The default configuration, checked and complete."""
    from aelab.plan import configuration, entries, strict_yaml

    path = REPOSITORY / "config" / "config.yaml"
    config = configuration.load(strict_yaml.read_yaml(path), [path])
    for name, entry in config["models"].items():
        dataset = entries.dataset_of(config, name)
        entry |= {"image_shape": dataset.shape, "classes": len(dataset.classes)}
    return config


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
    """Floating-point operations of one training step an image: 2 a weight forward, 4 backward, by layer output.

    Layers that are frozen have no backward pass. As usual, the first layer counts like the others, although nobody
    needs the gradient of its input.
    """
    import numpy as np

    total, trained = 0, {variable.path for variable in architecture.variables}
    for network in architecture.networks.values():
        for layer in network.layers:
            kernel = getattr(layer, "kernel", None)
            if kernel is None:
                continue
            places = 1
            if len(kernel.shape) == 4:
                transposed = "Transpose" in type(layer).__name__
                places = int(np.prod((layer.input if transposed else layer.output).shape[1:3]))
            total += (6 if kernel.path in trained else 2) * int(np.prod(kernel.shape)) * places
    return total


def as_users_have_it(entry):
    """The architecture of an entry with TensorFlow's own softplus and cross-entropy instead of our quicker ones."""
    import tensorflow as tf

    from aelab import kinds
    from aelab.training import losses, networks

    def cross_entropy(targets, logits):
        terms = tf.nn.sigmoid_cross_entropy_with_logits(labels=targets, logits=logits)
        return tf.reduce_mean(tf.reduce_sum(terms, axis=1))

    networks.OWN_ACTIVATIONS.clear()
    losses.cross_entropy_of_logits = cross_entropy
    return kinds.create(entry)


def fit_model(architecture, entry):
    """A Keras model whose `fit` trains the architecture as users do: Keras's Adam, float32 images, one step a call."""
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

    from aelab.training import schedules

    model = Model()
    model.compile(optimizer=keras.optimizers.Adam(schedules.schedule(entry["optimizer"], 1000)), loss=None)
    return model


def material(plan):
    """Inputs and targets (None: the inputs) of a training: pixels as uint8, or the last run's codes."""
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


def train_one(plan, how, epochs):
    """Print seconds and busy cores of the fastest epoch, last loss and operations of one training by `fit` or `loop`.

    After the loop, also the rate of the matrix product (GFLOP/s) with its one thread.
    """
    from aelab.training import devices

    entry = {**plan["entry"], "corruption": None, "updates": None, "epochs": epochs}
    if how == "loop":
        devices.prepare(1, precision=entry["precision"])
    import keras

    from aelab import kinds
    from aelab.data import datasets
    from aelab.training import loop

    keras.utils.set_random_seed(1)
    inputs, targets = material(plan)
    architecture = as_users_have_it(entry) if how == "fit" else kinds.create(entry)
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
def stopwatch(measured):
    """A block whose seconds and busy cores (CPU time by elapsed time) are added to a list."""
    start, used = time.perf_counter(), time.process_time()
    yield
    seconds = time.perf_counter() - start
    measured.append((seconds, (time.process_time() - used) / seconds))


def product_rate(size=2048, seconds=1.0):
    """GFLOP/s of TensorFlow's float32 matrix product with the threads of this process."""
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


def measured_fit(name, epochs):
    """What `fit` needs for an epoch; the best of several tries where its threads did not get more than one core."""
    found = []
    while len(found) < TRIES_OF_FIT and (not found or cores() > 1 and found[-1]["busy"] < ONE_CORE):
        found.append(answer(child("train", name, "fit", epochs)))
    return min(found, key=lambda fit: fit["seconds"])


def measured_loops(name, epochs):
    """What our loop needs for an epoch with as many trainings at once as there are cores.

    Seconds are the mean of these trainings, the rate of the matrix product is the sum.
    """
    surroundings = {"OMP_NUM_THREADS": "1"}
    running = [child("train", name, "loop", epochs, environment=surroundings) for _ in range(cores())]
    found = [answer(process) for process in running]
    seconds, product = (sum(one[key] for one in found) for key in ("seconds", "product"))
    return found[0] | {"seconds": seconds / len(found), "product": product}


def reproduced(starts):
    """Whether the two fastest starts of one side needed the same time."""
    fastest, second = sorted(start["seconds"] for start in starts)[:2]
    return second <= REPRODUCED * fastest


def architectures_table(plans):
    """One row an architecture: `fit` against as many one-thread loops as there are cores."""
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


def benchmarks():
    """Each job of the last run, by its benchmark file: dicts of rule, path, seconds, peak memory (MB).

    Seconds stand for CPU seconds: a job has one thread, and Snakemake samples its CPU time every half minute only.
    """
    found = []
    for path in sorted(Path("results/timings").rglob("*.tsv")):
        rule = path.relative_to("results/timings").parts[0].removesuffix(".tsv")
        header, values = (line.split("\t") for line in path.read_text().splitlines()[:2])
        record = dict(zip(header, values, strict=True))
        keys = {"seconds": "s", "peak_memory_mb": "max_rss"}
        found.append({"rule": rule, "path": path} | {key: number(record[name]) for key, name in keys.items()})
    return found


def rules_table(found):
    """Jobs, starts of TensorFlow, seconds and peak memory of each rule of the last run."""
    from aelab.plan import provenance

    workflow, scripts = REPOSITORY / "workflow", {}
    for path in [*workflow.glob("rules/*.smk"), *workflow.glob("studies/*/rules.smk")]:
        named = re.findall(r'^ *rule (\w+):.*?"([\w./]*scripts/\w+\.py)', path.read_text(), re.MULTILINE | re.DOTALL)
        scripts |= {rule: (path.parent / file).resolve().relative_to(workflow).as_posix() for rule, file in named}
    rows = {}
    for job in found:
        empty = {"rule": job["rule"], "jobs": 0, "starts_of_tensorflow": 0, "seconds": 0.0, "peak_memory_mb": 0.0}
        row = rows.setdefault(job["rule"], empty)
        row["jobs"] += 1
        row["starts_of_tensorflow"] += any(
            "devices.py" in file for file in provenance.code(scripts.get(job["rule"], f"scripts/{job['rule']}.py"), ())
        )
        row["seconds"] += job["seconds"]
        row["peak_memory_mb"] = max(row["peak_memory_mb"], job["peak_memory_mb"])
    total = sum(row["seconds"] for row in rows.values()) or 1.0
    for row in rows.values():
        row["share"] = row["seconds"] / total
    return sorted(rows.values(), key=lambda row: -row["seconds"])


# Rules that measure what trained models do. Their starting up and reading count as judging: it cannot be told apart.
JUDGING = r"evaluate_model|measure_.*|compare_.*|differentiate_models|tabulate_.*|iterate_.*|analyse_.*"


def shares_table(found):
    """Seconds of the last run's jobs: in epochs of trainings, in jobs that judge, in all else."""
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


def number(text):
    """A number of a benchmark file; 0 where the job was too short to be sampled."""
    try:
        return float(text)
    except ValueError:
        return 0.0


def whole_table(rows, found, published):
    """The published set and the whole run against `fit`, one model after the other; seconds."""
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


def plan_once(folder):
    """Print seconds and peak memory of a dry run in a folder; in a process that has not grown itself."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(REPOSITORY / "Snakefile"), "--directory", folder]
    start = time.perf_counter()
    code = subprocess.run([*command, "--dry-run", "--quiet", "rules", "progress", "--", "all"]).returncode
    seconds = time.perf_counter() - start
    mebibytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak_memory_mb": mebibytes, "exit": code}))


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
            rows.append({"jobs": jobs, **answer(child("plan", folder))})
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


def published_trainings(config):
    """Every training that the published models need: dicts of entry, split, seeds, epochs by model.

    Trainings that differ in nothing that costs time are measured once: `measured_as` names the first.
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


def main():
    """All tables, in the order in which a reader wants them."""
    if not Path("results/models").is_dir():
        raise SystemExit("error: there is no finished run to measure; run `make` first")
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

"""Train one model from one seed by gradients.

In: the training images with the split's indices, corrupted images or another model's codes where the
entry says so, weights to start from. Out: weights (`.npz`), the history (epoch, training loss,
validation loss; MSE per pixel or nats, as the entry's loss), and the timings in a file apart.
"""

import time
from pathlib import Path

import numpy as np

from aelab import kinds
from aelab.data import corruption, datasets, idx
from aelab.data.randomness import generator, seed_of
from aelab.files.arrays import read_array
from aelab.files.atomic import write_columns, write_json
from aelab.jobs import frame
from aelab.plan import specs
from aelab.training import devices, loop
from aelab.training.checkpoints import Checkpoint


def examples(entry, paths, rows, images, labels=None, corrupted=None, codes=None, part="train"):
    """Inputs and targets for some rows of the training (or test) images, as the entry trains on them."""
    settings = entry.get("corruption")
    if labels is not None:
        return loop.Examples(images[rows], labels[rows].astype(np.int32))
    if codes is not None:
        clean = np.asarray(codes[rows], np.float32)
        if settings and settings["drawn"] == "once":
            draw = generator("corruption of codes", settings["name"], settings["seed"], part)
            return loop.Examples(corruption.corrupt(clean, settings, draw), clean)
        return loop.Examples(clean)
    if corrupted is not None:
        return loop.Examples(np.asarray(corrupted[rows], np.float32), images[rows])
    return loop.Examples(images[rows])


def load_examples(entry, inputs):
    """Training examples and those watched after each epoch (None where the entry watches none)."""
    split = datasets.read_split(inputs["split"])
    images = idx.read_images(inputs["images"])
    labels = idx.read_labels(inputs["labels"]) if "labels" in inputs else None
    corrupted = read_array(inputs["corrupted"], (len(images), 784)) if "corrupted" in inputs else None
    codes = read_array(inputs["codes"], (len(images), None)) if "codes" in inputs else None
    train = examples(entry, inputs, split["train"], images, labels, corrupted, codes)
    watched = None
    if entry.get("watch") == "validation":
        watched = examples(entry, inputs, split["validation"], images, labels, corrupted, codes, "validation")
    elif entry.get("watch") == "test":
        test = idx.read_images(inputs["test_images"])
        watched = examples(
            entry,
            inputs,
            split["test"],
            test,
            idx.read_labels(inputs["test_labels"]) if "test_labels" in inputs else None,
            read_array(inputs["test_corrupted"], (len(test), 784)) if "test_corrupted" in inputs else None,
            part="test",
        )
    return train, watched


def fit(spec, inputs, checkpoint):
    """The trained architecture, the columns of its history and its timings."""
    entry = spec["entry"]
    start = time.perf_counter()
    architecture = kinds.create(entry)
    if "starts_from" in inputs:
        architecture.load(inputs["starts_from"], partly=True)
    train, watched = load_examples(entry, inputs)
    history, seconds = loop.train(architecture, entry, train, watched, spec["model"], spec["seed"], checkpoint)
    loop.check_not_collapsed(architecture, train)
    timings = {
        "device": devices.description(),
        "seconds": round(time.perf_counter() - start, 3),
        "seconds_per_epoch": [round(value, 4) for value in seconds],
    }
    columns = [[epoch[n] for epoch in history] for n in range(3)]
    return architecture, dict(zip(("epoch", "training_loss", "validation_loss"), columns, strict=True)), timings


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        devices.prepare(
            seed_of("weights", spec["model"], spec["seed"]),
            gpu_required=snakemake.resources.get("gpu", 0) > 0,
            precision=spec["entry"].get("precision", "float32"),
        )
        results = Path(snakemake.output.weights).parents[3]
        folder = results / "checkpoints" / spec["model"] / f"seed-{spec['seed']}"
        checkpoint = Checkpoint(folder, snakemake.params.spec)
        with checkpoint.alone():
            architecture, history, timings = fit(spec, dict(snakemake.input.items()), checkpoint)
            architecture.save(snakemake.output.weights)
            write_columns(snakemake.output.history, history)
            write_json(snakemake.output.timings, timings)
            checkpoint.finish()

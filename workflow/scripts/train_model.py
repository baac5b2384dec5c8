"""Train one model from one seed by gradient descent.

Inputs: the training images; the split; labels, corrupted images or another model's codes if the model's entry asks for
them; weights to start from.

Outputs: weights (`.npz`); the history (epoch, training loss, validation loss; in the unit of the entry's loss, MSE per
pixel or nats); and the timings, in a separate file.
"""

import time
from pathlib import Path

import numpy as np

from aelab.data import corruption, datasets, idx
from aelab.data.randomness import generator, seed_of
from aelab.files.arrays import read_array
from aelab.files.atomic import write_columns, write_json
from aelab.jobs import frame
from aelab.kinds import architectures
from aelab.plan import specs
from aelab.training import devices, loop
from aelab.training.autoencoder import Autoencoder
from aelab.training.checkpoints import Checkpoint


def examples(
    entry: dict,
    paths: dict[str, str],
    rows: np.ndarray,
    images: np.ndarray,
    labels: np.ndarray | None = None,
    corrupted: np.ndarray | None = None,
    codes: np.ndarray | None = None,
    part: str = "train",
) -> loop.Examples:
    """Select inputs and targets for some rows of the training or test images.

    Labels take precedence over codes, and codes over corrupted images.

    Parameters
    ----------
    entry : dict
        The model's entry in the configuration.
    paths : dict of str to str
        The input files of the job; not read here.
    rows : np.ndarray
        Row numbers of the examples.
    images : np.ndarray
        All images (n, pixels), uint8.
    labels : np.ndarray or None
        Class numbers (n,), the targets of a classifier.
    corrupted : np.ndarray or None
        Corrupted images (n, pixels), the inputs of a model whose targets are the clean images.
    codes : np.ndarray or None
        Another model's codes (n, k), which this model reconstructs.
    part : {"train", "validation", "test"}
        Part of the images; a fixed corruption of codes is drawn separately for each.

    Returns
    -------
    loop.Examples
        Inputs and targets.
    """
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


def load_examples(entry: dict, inputs: dict[str, str]) -> tuple[loop.Examples, loop.Examples | None]:
    """Load the training examples and those whose loss is watched.

    Parameters
    ----------
    entry : dict
        The model's entry in the configuration.
    inputs : dict of str to str
        The input files of the job by name.

    Returns
    -------
    train : loop.Examples
        The training examples.
    watched : loop.Examples or None
        The examples whose loss is measured after each epoch; None if the entry watches none.
    """
    split = datasets.read_split(inputs["split"])
    images = idx.read_images(inputs["images"])
    labels = idx.read_labels(inputs["labels"]) if "labels" in inputs else None
    corrupted = read_array(inputs["corrupted"], (len(images), None)) if "corrupted" in inputs else None
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
            read_array(inputs["test_corrupted"], (len(test), None)) if "test_corrupted" in inputs else None,
            part="test",
        )
    return train, watched


def fit(spec: dict, inputs: dict[str, str], checkpoint: Checkpoint) -> tuple[Autoencoder, dict[str, list], dict]:
    """Train the model.

    Parameters
    ----------
    spec : dict
        The job's spec: `entry`, `model` and `seed`.
    inputs : dict of str to str
        The input files of the job by name.
    checkpoint : Checkpoint
        Where training resumes from and saves to.

    Returns
    -------
    architecture : Autoencoder
        The trained model.
    history : dict of str to list
        The columns `epoch`, `training_loss` and `validation_loss`.
    timings : dict
        The device, the seconds of the whole training and those of each epoch.

    Raises
    ------
    LabError
        If a loss is not finite, or if the trained model gives the same output or code for every input, unless its entry
        says `may_collapse`.
    """
    entry = spec["entry"]
    start = time.perf_counter()
    architecture = architectures.create(entry)
    if "starts_from" in inputs:
        architecture.load(inputs["starts_from"], partly=True)
    train, watched = load_examples(entry, inputs)
    history, seconds = loop.train(architecture, entry, train, watched, spec["model"], spec["seed"], checkpoint)
    if not entry.get("may_collapse"):
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

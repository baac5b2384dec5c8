"""Repeat the published iteration towards every class from the same noise, to see what its pictures follow.

Inputs: the walks of `iterate_reconstructions`, for their starts; weights of the study's models and of the judge; test
images and labels; the split.

Outputs: an `.npz` file and a table with one row per model and picture. In the file, of the first two starts:

- `classes` (k,), the numbers of the classes; `means` (k, pixels), the mean test image m of each;
- by model: `targets` (models, k, pixels), r(m); `controls` (models, 2, k, pixels), what is shown of r(m) - x0, where
  the model sees no noise at all; `pictures` (models, 2, k, pixels), where the normalised iteration leads, inverted.

Columns of the table, over all classes and the first `starts_per_target` starts:

- `read_as_target`, `target_read`, `control_read`: shares of the pictures, of the targets r(m) and of the controls
  x0 - r(m), scaled to [0, 1] and inverted where the picture is, that the judge reads as the class of their target;
- `like_target`, `like_control`, `like_start`: mean correlation of a picture with r(m), with its control and with its
  start, shown in the same way;
- `by_target`, `by_start`: shares of the pictures' variance that target and start explain.
"""

import numpy as np
import pandas as pd

from aelab.analysis import iterations
from aelab.data import datasets
from aelab.files.arrays import read_arrays
from aelab.files.atomic import write_arrays, write_table
from aelab.inference import trained
from aelab.inference.judge import Judge
from aelab.jobs import frame
from aelab.kinds.models import read_model
from aelab.plan import specs

SHOWN = 2


def ends(model: trained.Model, starts: np.ndarray, targets: np.ndarray, settings: dict, normalise: bool) -> np.ndarray:
    """Walk from every start towards every target.

    Parameters
    ----------
    model : trained.Model
        The model.
    starts : np.ndarray
        Images to start from (n, pixels), float32.
    targets : np.ndarray
        Reconstructions of mean images (k, pixels).
    settings : dict
        `steps`, the number of steps, and `eta`, their size.
    normalise : bool
        Whether images are normalised after each step.

    Returns
    -------
    np.ndarray
        The last images (n, k, pixels).
    """
    first = np.repeat(starts, len(targets), axis=0)
    towards = np.tile(targets, (len(starts), 1))
    states, *_ = iterations.walk(
        first,
        model.reconstruct,
        lambda x, r: iterations.target_step(x, r, towards, settings["eta"], normalise),
        settings["steps"],
        [settings["steps"]],
    )
    return states[settings["steps"]].reshape(len(starts), *targets.shape)


def measured(
    shown: np.ndarray, starts: np.ndarray, targets: np.ndarray, classes: np.ndarray, inverted: bool, judge: Judge
) -> dict[str, float]:
    """Compare pictures with their targets, with their starts and with the control.

    Parameters
    ----------
    shown : np.ndarray
        Pictures (n, k, pixels).
    starts : np.ndarray
        Images that the walks started from (n, pixels).
    targets : np.ndarray
        Reconstructions of mean images (k, pixels).
    classes : np.ndarray
        Class number of each target (k,).
    inverted : bool
        Whether the pictures are inverted.
    judge : Judge
        The classifier that reads the pictures.

    Returns
    -------
    dict of str to float
        The values of the row by column name.
    """
    control = iterations.as_shown(starts[:, None] - targets, inverted)
    by_target, by_start = iterations.shares_of_variance(np.swapaxes(shown, 0, 1))
    return {
        "read_as_target": (judge.read(shown)[0] == classes).mean(),
        "target_read": (judge.read(iterations.as_shown(targets))[0] == classes).mean(),
        "control_read": (judge.read(control)[0] == classes).mean(),
        "like_target": iterations.correlations(shown, targets).mean(),
        "like_control": iterations.correlations(shown, control).mean(),
        "like_start": iterations.correlations(shown, iterations.as_shown(starts, inverted)[:, None]).mean(),
        "by_target": by_target,
        "by_start": by_start,
    }


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        settings, held_out = spec["walks"], datasets.read_split(snakemake.input.split)["test"]
        raw, labels = datasets.read_labelled(snakemake.input.images, snakemake.input.labels)
        classes, means = iterations.class_means(datasets.unit(raw[held_out]), labels[held_out])
        starts = read_arrays(snakemake.input.walks)["starts"][: settings["starts_per_target"]]
        judge = Judge(read_model(snakemake.input.judge))
        rows, found = [], []
        for member, path in zip(spec["members"], snakemake.input.weights, strict=True):
            model = read_model(path)
            targets = model.reconstruct(means)
            states = {
                walk: ends(model, starts, targets, settings, walk == "normalised") for walk in ("plain", "normalised")
            }
            for name in ("plain", "normalised", "inverted"):
                walk, inverted = iterations.PICTURES[name]
                shown = iterations.picture(states[walk], name)
                row = measured(shown, starts, targets, classes, inverted, judge)
                rows.append({**{key: member[key] for key in ("name", "group")}, "picture": name, **row})
            found.append(
                {
                    "targets": targets,
                    "controls": iterations.as_shown(starts[:SHOWN, None] - targets, inverted=True),
                    "pictures": shown[:SHOWN],
                }
            )
        arrays = {name: np.stack([each[name] for each in found]) for name in found[0]}
        write_table(snakemake.output.table, pd.DataFrame(rows))
        write_arrays(snakemake.output.pictures, {"classes": classes, "means": means, **arrays})

"""Walk from noise towards the manifold of images by iterating the reconstruction of every model.

Inputs: weights of the study's models; test images and labels; the split.

Outputs: an `.npz` file with

- `starts` (n, pixels), uniform in [0, 1] with N(0, 1) added; `lengths` (2,), the numbers of steps of a short and of a
  long walk; `shown_steps` (s,);
- `digit`, the number of the class to visit; `mean` (pixels,), the mean m of the test images of that class; `targets`
  (models, pixels), its reconstruction r(m) by each model;
- by model and walk (`iterations.WALKS`): `residuals` (models, 3, steps + 1, n), ||r(x) - x|| before each step and after
  the last; `moved` (models, 3, 2, n), the distance covered in the last two steps of a short and of a long walk; `ends`
  (models, 3, 2, n, pixels); `trajectories` (models, 3, s, pixels), from the first start;
- `picture_residuals` (models, 4, 2, n), ||r(p) - p|| of what is shown of the ends (`iterations.PICTURES`);
- `real_residuals` (models, m), ||r(x) - x|| of the held-out test digits.
"""

import numpy as np

from aelab.analysis import iterations
from aelab.data import datasets
from aelab.data.randomness import generator
from aelab.files.atomic import write_arrays
from aelab.inference import trained
from aelab.jobs import frame
from aelab.kinds.models import read_model
from aelab.plan import specs


def walks(model: trained.Model, starts: np.ndarray, mean_image: np.ndarray, settings: dict) -> dict[str, np.ndarray]:
    """Walk with every iteration from every start.

    Parameters
    ----------
    model : trained.Model
        The model.
    starts : np.ndarray
        Images to start from (n, pixels), float32.
    mean_image : np.ndarray
        Mean image of the class to visit (pixels,).
    settings : dict
        `steps` and `long_steps`, the numbers of steps; `eta` and `score_eta`, the step sizes of the published and of
        the score iteration.

    Returns
    -------
    dict of str to np.ndarray
        `targets` (pixels,); along the first axis the walks, `ends`, `residuals`, `moved` and, from the first start,
        `trajectories`; and along the first axis the pictures, `picture_residuals`.
    """
    target = model.reconstruct(mean_image[None])[0]
    step = {
        "plain": lambda x, r: iterations.target_step(x, r, target, settings["eta"], normalise=False),
        "normalised": lambda x, r: iterations.target_step(x, r, target, settings["eta"], normalise=True),
        "score": lambda x, r: iterations.score_step(x, r, settings["score_eta"]),
    }
    lengths = [settings["steps"], settings["long_steps"]]
    shown = iterations.shown_steps(lengths[-1])
    found = {"ends": [], "residuals": [], "moved": [], "trajectories": []}
    for name in iterations.WALKS:
        states, residuals, moved = iterations.walk(
            starts, model.reconstruct, step[name], lengths[-1], {*lengths, *shown}
        )
        found["ends"].append([states[length] for length in lengths])
        found["residuals"].append(residuals)
        found["moved"].append(moved[lengths])
        found["trajectories"].append([states[number][0] for number in shown])
    arrays = {name: np.array(values) for name, values in found.items()}
    shown = iterations.pictures(arrays["ends"]).reshape(-1, len(mean_image))
    residuals = iterations.residuals(shown, model.reconstruct(shown))
    return {"targets": target, **arrays, "picture_residuals": residuals.reshape(-1, len(lengths), len(starts))}


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        settings, rows = spec["walks"], datasets.read_split(snakemake.input.split)["test"]
        raw, labels = datasets.read_labelled(snakemake.input.images, snakemake.input.labels)
        digits = datasets.unit(raw[rows])
        classes, means = iterations.class_means(digits, labels[rows])
        chosen = iterations.chosen_class(classes, settings["digit"])
        starts = iterations.noise_images(settings["starts"], digits.shape[1], generator("walks", settings["seed"]))
        found = []
        for path in snakemake.input.weights:
            model = read_model(path)
            real = iterations.residuals(digits, model.reconstruct(digits))
            found.append({**walks(model, starts, means[chosen], settings), "real_residuals": real})
        arrays = {
            "starts": starts,
            "lengths": np.array([settings["steps"], settings["long_steps"]]),
            "shown_steps": np.array(iterations.shown_steps(settings["long_steps"])),
            "digit": np.array(classes[chosen]),
            "mean": means[chosen],
            **{name: np.stack([each[name] for each in found]) for name in found[0]},
        }
        write_arrays(snakemake.output[0], arrays)

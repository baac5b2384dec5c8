"""From noise to the manifold: iterate every model's reconstruction from random images.

In: weights of the study's models and of the judge, training images (for the mean digit) and test images.
Out: an `.npz` file with `starts` (n, pixels), uniform in [0, 1]; `shown_steps` (s,); and by model and
iteration (published, score): `residuals` (models, 2, steps + 1, n), ||r(x) - x|| before each step and
after the last; `moved` (models, 2, n), the distance covered in the last two steps; `ends` (models, 2, n,
pixels); `trajectories` (models, 2, s, pixels) of the first start; `read_as` and `confidence` (models, 2, n), what
the judge reads in the ends and how surely; and `real_residuals` (models, m), ||r(x) - x|| of the held-out
test digits.
"""

import numpy as np

from aelab.analysis import iterations
from aelab.data import datasets, idx
from aelab.data.randomness import generator
from aelab.files.atomic import write_arrays
from aelab.inference import trained
from aelab.jobs import frame
from aelab.plan import specs


def walks(model, starts, mean_image, settings):
    """Ends, residuals and the first start's trajectory of both iterations, each stacked in their order."""
    mean_reconstruction = model.reconstruct(mean_image[None])
    steps = {
        "published": lambda x, r: iterations.published_step(x, r, mean_reconstruction),
        "score": lambda x, r: iterations.score_step(x, r, settings["eta"]),
    }
    shown = iterations.shown_steps(settings["steps"])
    taken = [
        iterations.walk(starts, model.reconstruct, steps[name], settings["steps"], shown)
        for name in iterations.ITERATIONS
    ]
    return {
        "ends": np.stack([ends for ends, *_ in taken]),
        "residuals": np.stack([residuals for _, residuals, _, _ in taken]),
        "moved": np.stack([moved for _, _, moved, _ in taken]),
        "trajectories": np.stack([kept[:, 0] for *_, kept in taken]),
    }


def read(judge, ends):
    """What the judge reads in images (2, n, pixels), clipped to [0, 1], and its confidence, both (2, n)."""
    probabilities = judge.encode(np.clip(ends, 0, 1).reshape(-1, ends.shape[-1])).reshape(*ends.shape[:2], -1)
    return {"read_as": probabilities.argmax(-1), "confidence": probabilities.max(-1)}


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        settings, split = spec["walks"], datasets.read_split(snakemake.input.split)
        mean_image = datasets.unit(idx.read_images(snakemake.input.train_images)[split["train"]]).mean(0)
        digits = datasets.unit(idx.read_images(snakemake.input.test_images)[split["test"]])
        judge = trained.read(snakemake.input.judge)
        starts = generator("walks", settings["seed"]).random((settings["starts"], digits.shape[1]), dtype=np.float32)
        found = []
        for path in snakemake.input.weights:
            model = trained.read(path)
            taken = walks(model, starts, mean_image, settings)
            real = iterations.residuals(digits, model.reconstruct(digits))
            found.append({**taken, **read(judge, taken["ends"]), "real_residuals": real})
        arrays = {name: np.stack([each[name] for each in found]) for name in found[0]}
        shown = np.array(iterations.shown_steps(settings["steps"]))
        write_arrays(snakemake.output[0], {"starts": starts, "shown_steps": shown, **arrays})

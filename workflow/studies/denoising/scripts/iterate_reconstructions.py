"""Walk from noise towards the manifold of images by iterating the reconstruction of every model.

Inputs: weights of the study's models and of the judge; training images (for the mean digit); test images; the split.

Outputs: an `.npz` file with

- `starts` (n, pixels), uniform in [0, 1], and `shown_steps` (s,);
- by model and iteration (published, score): `residuals` (models, 2, steps + 1, n), ||r(x) - x|| before each step and
  after the last; `moved` (models, 2, n), the distance covered in the last two steps; `ends` (models, 2, n, pixels);
  `trajectories` (models, 2, s, pixels), from the first start; `read_as` and `confidence` (models, 2, n), how the judge
  reads the ends;
- `real_residuals` (models, m), ||r(x) - x|| of the held-out test digits.
"""

import numpy as np

from aelab.analysis import iterations
from aelab.data import datasets, idx
from aelab.data.randomness import generator
from aelab.files.atomic import write_arrays
from aelab.inference import trained
from aelab.inference.judge import Judge
from aelab.jobs import frame
from aelab.kinds.models import read_model
from aelab.plan import specs


def walks(model: trained.Model, starts: np.ndarray, mean_image: np.ndarray, settings: dict) -> dict[str, np.ndarray]:
    """Walk with both iterations from every start.

    Parameters
    ----------
    model : trained.Model
        The model.
    starts : np.ndarray
        Images to start from (n, pixels), float32.
    mean_image : np.ndarray
        Mean training image (pixels,).
    settings : dict
        `steps`, the number of steps, and `eta`, the step size of the score iteration.

    Returns
    -------
    dict of str to np.ndarray
        `ends`, `residuals`, `moved` and, from the first start, `trajectories`; along the first axis the iterations, in
        the order of `iterations.ITERATIONS`.
    """
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


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        settings, split = spec["walks"], datasets.read_split(snakemake.input.split)
        mean_image = datasets.unit(idx.read_images(snakemake.input.train_images)[split["train"]]).mean(0)
        digits = datasets.unit(idx.read_images(snakemake.input.test_images)[split["test"]])
        judge = Judge(read_model(snakemake.input.judge))
        starts = generator("walks", settings["seed"]).random((settings["starts"], digits.shape[1]), dtype=np.float32)
        found = []
        for path in snakemake.input.weights:
            model = read_model(path)
            taken = walks(model, starts, mean_image, settings)
            real = iterations.residuals(digits, model.reconstruct(digits))
            found.append(
                {
                    **taken,
                    **dict(zip(("read_as", "confidence"), judge.read(taken["ends"]), strict=True)),
                    "real_residuals": real,
                }
            )
        arrays = {name: np.stack([each[name] for each in found]) for name in found[0]}
        shown = np.array(iterations.shown_steps(settings["steps"]))
        write_arrays(snakemake.output[0], {"starts": starts, "shown_steps": shown, **arrays})

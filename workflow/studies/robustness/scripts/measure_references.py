"""Measure what can be done about a degradation without a trained network.

Inputs: the split; training images; test images and labels; weights of the judge.

Outputs: a table with one row per reference, kind and amount of degradation:

- `nothing`: the degraded image itself;
- `mean_image`: the mean training image of the split, whatever the degraded image is;
- `wiener_filter`: the affine map with the least expected error for this kind and amount, fitted to the training images
  of the split and clipped to [0, 1];
- `limit`: the estimate of one who knows all images that are measured and the noise, for Gaussian noise.

Columns: `mse` per pixel and `psnr` in dB (mean over images) on the test images that are measured, `accuracy` of the
judge on those that it reads, and, for Gaussian noise, `mse_of_all` on all test images. And an `.npz` file with the test
image that is shown: `clean` (pixels,), `degraded` and `filtered` (kinds and amounts, pixels), and what the judge reads
in these.
"""

import numpy as np
import pandas as pd

from aelab.analysis import measures, posterior, wiener
from aelab.data import datasets, degradation, idx
from aelab.files.atomic import write_arrays, write_table
from aelab.inference.judge import Judge
from aelab.jobs import frame
from aelab.kinds.models import read_model
from aelab.plan import specs

GAUSSIAN = ("gaussian", "gaussian_clipped")


def of_estimates(
    estimates: np.ndarray, clean: np.ndarray, labels: np.ndarray, judge: Judge, images: int, read: int
) -> dict[str, float]:
    """Measure estimates of the test images.

    Parameters
    ----------
    estimates : np.ndarray
        What is made of the degraded images (n, pixels), of the first ones or of all.
    clean : np.ndarray
        The clean test images (m, pixels), in the same order, with m >= n.
    labels : np.ndarray
        Their class numbers (m,).
    judge : Judge
        The classifier that reads the estimates.
    images, read : int
        How many images are measured, and how many of these are read.

    Returns
    -------
    dict of str to float
        `mse`, `psnr` and `accuracy`, and `mse_of_all`, which is NaN if these are not all test images.
    """
    errors = measures.mse_per_image(clean[: len(estimates)], estimates)
    right = judge.read(estimates[:read])[0] == labels[: min(read, len(estimates))]
    return {
        "mse": errors[:images].mean(),
        "psnr": measures.psnr_of(errors[:images]),
        "accuracy": right.mean(),
        "mse_of_all": errors.mean() if len(estimates) == len(clean) else np.nan,
    }


if "snakemake" in globals():
    with frame.job(snakemake):
        spec, paths = specs.parse(snakemake.params.spec), snakemake.input
        split, shape = datasets.read_split(paths.split), idx.image_shape(paths.images)
        train = idx.read_images(paths.train_images)[split["train"]]
        raw, labels = (each[split["test"]] for each in datasets.read_labelled(paths.images, paths.labels))
        clean, known, moments = datasets.unit(raw), raw[: spec["images"]], wiener.moments_of(train)
        judge, number = Judge(read_model(paths.judge)), spec["shown_image"]
        rows, shown = [], {"degraded": [], "filtered": []}
        for kind, amount in degradation.listed(spec["degradations"]):
            measured = clean if kind in GAUSSIAN else clean[: len(known)]
            degraded = degradation.drawn(measured, shape, kind, amount, spec["draw"])
            matrix, offset = (part.astype(np.float32) for part in wiener.filter_of(kind, amount, shape, moments, train))
            mean = np.broadcast_to(moments.mean.astype(np.float32), degraded.shape)
            filtered = np.clip(degraded @ matrix + offset, 0, 1)
            found = {"nothing": degraded, "mean_image": mean, "wiener_filter": filtered}
            if kind in GAUSSIAN:
                seen = degraded[: len(known)]
                found["limit"] = posterior.best_estimates(known, seen, amount, kind == "gaussian_clipped")
            for name, estimates in found.items():
                errors = of_estimates(estimates, clean, labels, judge, spec["images"], spec["read"])
                rows.append({"name": name, "kind": kind, "amount": amount, **errors})
            shown["degraded"].append(degraded[number])
            shown["filtered"].append(found["wiener_filter"][number])
        arrays = {name: np.stack(images).astype(np.float32) for name, images in shown.items()}
        read_as = {f"{name}_read_as": judge.read(images)[0] for name, images in arrays.items()}
        label = np.array(labels[number], np.int64)
        write_table(snakemake.output.table, pd.DataFrame(rows))
        write_arrays(snakemake.output.shown, {"clean": clean[number], "label": label, **arrays, **read_as})

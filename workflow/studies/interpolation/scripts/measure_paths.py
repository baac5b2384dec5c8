"""Measure how plausible the images between two codes are, against pixel blends and against real images.

In: the paths and samples of `interpolate_codes`, training images, test images and labels. Out:

- `along_paths.csv`: a row a kind of pairs, series and step (0 and 8: the real images): mean confidence
  of the judge, mean Euclidean distance to the nearest training image, share read as a digit of an end.
- `plausibility.csv`: the same over all interpolates of a series and over the midpoints, with the share
  that is plausible; real images and draws from the prior beside them.

An image counts as plausible where the judge is at least as sure as it is of all but the share
`plausible_quantile` of the real ones, and the nearest training image is no farther than for all but that share.
"""

import numpy as np
import pandas as pd

from aelab.analysis import neighbours
from aelab.data import datasets, idx
from aelab.files.arrays import read_arrays
from aelab.files.atomic import write_table
from aelab.jobs import frame
from aelab.plan import specs

PAIRS = ("same_digit", "different_digits")


def series_of(arrays, pairs):
    """Names of the series that were walked between pairs of a kind, in order."""
    start, end = f"{pairs}_", "_images"
    return [key[len(start) : -len(end)] for key in arrays if key.startswith(start) and key.endswith(end)]


def distances(images, references):
    """Distance of images (..., pixels) to the nearest of the references; uint8 both."""
    flat = datasets.unit(images.reshape(-1, images.shape[-1]))
    return neighbours.nearest_image_distances(flat, references).reshape(images.shape[:-1])


def read_as_an_end(read_as, digits):
    """Whether the digit read in each image (pairs, s) is one of the two digits (pairs, 2) of its pair's ends."""
    return (read_as[:, :, None] == digits[:, None, :]).any(-1)


class Bounds:
    """What an image must reach to count as plausible: the quantiles of real images."""

    def __init__(self, confidence, distance, quantile):
        self.confidence = np.quantile(confidence, quantile)
        self.distance = np.quantile(distance, 1 - quantile)

    def share(self, confidence, distance):
        """Share of images that are plausible."""
        return float(((confidence >= self.confidence) & (distance <= self.distance)).mean())


def real_images(arrays, references, test):
    """Confidence and distance (pairs, 2) of the real images at the ends, by kind of pairs."""
    return {
        pairs: (arrays[f"{pairs}_real_confidence"], distances(test[arrays[f"{pairs}_rows"]], references))
        for pairs in PAIRS
    }


def measure(arrays, samples, references, test, labels, quantile):
    """The two tables."""
    real = real_images(arrays, references, test)
    confidence, distance = (np.concatenate([each[n].ravel() for each in real.values()]) for n in (0, 1))
    bounds = Bounds(confidence, distance, quantile)
    steps = []
    whole = [row("real", "test_images", confidence, distance, bounds)]
    for pairs in PAIRS:
        digits = labels[arrays[f"{pairs}_rows"]]
        ends_read = read_as_an_end(arrays[f"{pairs}_real_read_as"], digits)
        for name in series_of(arrays, pairs):
            sure = arrays[f"{pairs}_{name}_confidence"]
            far = distances(arrays[f"{pairs}_{name}_images"], references)
            read = read_as_an_end(arrays[f"{pairs}_{name}_read_as"], digits)
            along = [
                np.hstack([ends[:, :1], between, ends[:, 1:]]).mean(0)
                for ends, between in ((real[pairs][0], sure), (real[pairs][1], far), (ends_read, read))
            ]
            steps += [(pairs, name, n, *values) for n, values in enumerate(zip(*along, strict=True))]
            middle = sure.shape[1] // 2
            whole.append(
                row(pairs, name, sure, far, bounds)
                | {
                    "read_as_an_end": read.mean(),
                    "midpoint_confidence": sure[:, middle].mean(),
                    "midpoint_distance": far[:, middle].mean(),
                    "midpoints_plausible": bounds.share(sure[:, middle], far[:, middle]),
                }
            )
    for key in samples:
        if key.endswith("_images"):
            name = key.removesuffix("_images")
            far = distances(samples[key], references)
            whole.append(row("prior", name, samples[f"{name}_confidence"][: len(far)], far, bounds))
    columns = ["pairs", "series", "step", "confidence", "distance", "read_as_an_end"]
    return pd.DataFrame(steps, columns=columns), pd.DataFrame(whole)


def row(pairs, name, confidence, distance, bounds):
    """One row of the table of plausibility."""
    return {
        "pairs": pairs,
        "series": name,
        "images": confidence.size,
        "confidence": confidence.mean(),
        "distance": distance.mean(),
        "plausible": bounds.share(confidence, distance),
    }


if "snakemake" in globals():
    with frame.job(snakemake):
        test, labels = datasets.read_labelled(snakemake.input.test_images, snakemake.input.test_labels)
        along, whole = measure(
            read_arrays(snakemake.input.paths),
            read_arrays(snakemake.input.samples),
            idx.read_images(snakemake.input.train_images),
            test,
            labels,
            specs.parse(snakemake.params.spec)["plausible_quantile"],
        )
        write_table(snakemake.output.along, along)
        write_table(snakemake.output.whole, whole)

"""Measure how plausible the images between two codes are, compared with pixel blends and real images.

Inputs: the paths and samples of `interpolate_codes`; training images; test images and labels.

Outputs:

- `along_paths.csv`, one row per kind of pairs, series and step (0 and 8 are the real images): the mean confidence of
  the judge, the mean Euclidean distance to the nearest training image, and the share read as the digit of an end.
- `plausibility.csv`, one row per kind of pairs and series, over all interpolates and over the midpoints: the same
  quantities and the share of plausible images; also for real images and for samples from the prior.

An image is plausible if both its confidence and its distance to the nearest training image are at least as good as
those of the real images, leaving out the worst `plausible_quantile` of the real images in each respect.
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


def series_of(arrays: dict[str, np.ndarray], pairs: str) -> list[str]:
    """List the series that `paths.npz` holds for a kind of pairs, in order."""
    start, end = f"{pairs}_", "_images"
    return [key[len(start) : -len(end)] for key in arrays if key.startswith(start) and key.endswith(end)]


def distances(images: np.ndarray, references: np.ndarray) -> np.ndarray:
    """Compute the Euclidean distance from each image to the nearest reference.

    Parameters
    ----------
    images : np.ndarray
        Images (..., pixels), uint8.
    references : np.ndarray
        Reference images (m, pixels), uint8.

    Returns
    -------
    np.ndarray
        Distances (...) for pixels scaled to [0, 1], float64.
    """
    flat = datasets.unit(images.reshape(-1, images.shape[-1]))
    return neighbours.nearest_image_distances(flat, references).reshape(images.shape[:-1])


def read_as_an_end(read_as: np.ndarray, digits: np.ndarray) -> np.ndarray:
    """Tell for each image whether the digit read in it is the digit of either end of its pair.

    Parameters
    ----------
    read_as : np.ndarray
        The digit read in each image (pairs, s).
    digits : np.ndarray
        The digits of the two ends of each pair (pairs, 2).

    Returns
    -------
    np.ndarray
        Booleans (pairs, s).
    """
    return (read_as[:, :, None] == digits[:, None, :]).any(-1)


class Bounds:
    """Bounds that a plausible image keeps to, taken from quantiles of real images.

    Parameters
    ----------
    confidence : np.ndarray
        The judge's confidence in real images.
    distance : np.ndarray
        Distance of real images to the nearest training image.
    quantile : float
        Share of the real images that each bound rejects, in (0, 0.5).
    """

    def __init__(self, confidence: np.ndarray, distance: np.ndarray, quantile: float) -> None:
        self.confidence = np.quantile(confidence, quantile)
        self.distance = np.quantile(distance, 1 - quantile)

    def share(self, confidence: np.ndarray, distance: np.ndarray) -> float:
        """Compute the share of plausible images.

        Parameters
        ----------
        confidence : np.ndarray
            The judge's confidence in each image.
        distance : np.ndarray
            Distance of each image to the nearest training image, of the same shape.

        Returns
        -------
        float
            A share in [0, 1].
        """
        return float(((confidence >= self.confidence) & (distance <= self.distance)).mean())


def real_images(
    arrays: dict[str, np.ndarray], references: np.ndarray, test: np.ndarray
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Measure the real images at the ends of the paths.

    Parameters
    ----------
    arrays : dict of str to np.ndarray
        The arrays of `paths.npz`.
    references : np.ndarray
        Training images (m, pixels), uint8.
    test : np.ndarray
        Test images (n, pixels), uint8.

    Returns
    -------
    dict of str to tuple of np.ndarray
        For each kind of pairs, the judge's confidence and the distance to the nearest training image, both (pairs, 2).
    """
    return {
        pairs: (arrays[f"{pairs}_real_confidence"], distances(test[arrays[f"{pairs}_rows"]], references))
        for pairs in PAIRS
    }


def measure(
    arrays: dict[str, np.ndarray],
    samples: dict[str, np.ndarray],
    references: np.ndarray,
    test: np.ndarray,
    labels: np.ndarray,
    quantile: float,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Compute both tables.

    Parameters
    ----------
    arrays : dict of str to np.ndarray
        The arrays of `paths.npz`.
    samples : dict of str to np.ndarray
        The arrays of `samples.npz`.
    references : np.ndarray
        Training images (m, pixels), uint8.
    test : np.ndarray
        Test images (n, pixels), uint8.
    labels : np.ndarray
        Class numbers of the test images (n,).
    quantile : float
        Share of the real images that each bound of plausibility rejects.

    Returns
    -------
    along : pd.DataFrame
        Means at each step of each series.
    whole : pd.DataFrame
        Plausibility of each series, of real images and of samples from the prior.
    """
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


def row(pairs: str, name: str, confidence: np.ndarray, distance: np.ndarray, bounds: Bounds) -> dict:
    """Compute one row of the table of plausibility.

    Parameters
    ----------
    pairs : str
        Kind of pairs; `real` for real images, `prior` for samples from the prior.
    name : str
        The series.
    confidence : np.ndarray
        The judge's confidence in each image.
    distance : np.ndarray
        Distance of each image to the nearest training image, of the same shape.
    bounds : Bounds
        Bounds of plausibility.

    Returns
    -------
    dict
        The values of the row by column name.
    """
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

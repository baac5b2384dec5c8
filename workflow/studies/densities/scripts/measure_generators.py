"""Judge the samples of every generator, k-means centres, training images and held-out images by all metrics.

Inputs: the rows of `divide_images`; the centres of `cluster_images`; the samples of `sample_generators`; weights of the
judge; training and test images.

Outputs:

- a table with one row per set of samples, held-out images first:

  - `parzen`: mean log-density of the references under a Parzen window of the samples, in nats, with its standard error
    `parzen_error` over the references; `width`, which is chosen on other test images for each set; `parzen_limit`,
    which no window of that width exceeds;
  - `frechet`: squared Fréchet distance from the references in the features of the judge, the values before its last
    layer;
  - `precision` and `recall` in these features;
  - `classes`: total variation between the shares of the classes that the judge reads in the samples and in the
    references, of which two draws of one distribution would have `classes_expected`; `classes_read`: how many classes
    it reads;
  - `confidence`: its mean confidence;
  - `distance`: mean Euclidean distance of the first samples to the nearest training image; `copies`: share of them that
    are copies;

- an `.npz` file with, for each set, `<name>_distances` (m, 2) to the two nearest training images, and `<name>_nearest`
  (m,), the row of the nearest one. A training image is its own nearest one.
"""

import numpy as np
import pandas as pd

from aelab.analysis import copies, fidelity, parzen
from aelab.analysis.sample_metrics import CENTRES, HELD_OUT, TRAINING
from aelab.data import datasets, idx
from aelab.files.arrays import read_array, read_arrays
from aelab.files.atomic import write_arrays, write_table
from aelab.inference.features import Features
from aelab.inference.judge import Judge
from aelab.jobs import frame
from aelab.kinds.models import read_model
from aelab.plan import specs


class References:
    """The real images with which samples are compared.

    Parameters
    ----------
    images : np.ndarray
        Test images (n, pixels), uint8.
    widths : np.ndarray
        Other test images (w, pixels), uint8, by which the width of a Parzen window is chosen.
    judge : Judge
        The classifier that reads images and whose features are compared.
    classes : int
        Number of classes.
    neighbours : int
        Of precision and recall.
    """

    def __init__(self, images: np.ndarray, widths: np.ndarray, judge: Judge, classes: int, neighbours: int) -> None:
        self.images, self.widths = datasets.unit(images), datasets.unit(widths)
        self.judge, self.classes, self.neighbours = judge, classes, neighbours
        self.by = Features(judge.classifier)
        self.features = self.by.of(images)
        self.moments = fidelity.moments(self.features)
        self.reach = fidelity.radii(self.features, neighbours)
        self.read_as, _ = judge.read(self.images)

    def measured(self, samples: np.ndarray) -> dict[str, float]:
        """Return the metrics of samples (n, pixels), uint8, by name."""
        own = datasets.unit(samples)
        width = parzen.best_width(self.widths, own)
        densities = parzen.log_densities(self.images, own, width)
        features = self.by.of(samples)
        precision, recall = fidelity.precision_and_recall(features, self.features, self.neighbours, self.reach)
        read_as, confidence = self.judge.read(own)
        return {
            "parzen": densities.mean(),
            "parzen_error": densities.std() / np.sqrt(len(densities)),
            "width": width,
            "parzen_limit": parzen.limit(width, own.shape[1]),
            "frechet": fidelity.between_gaussians(*fidelity.moments(features), *self.moments),
            "precision": precision,
            "recall": recall,
            "classes": fidelity.total_variation(read_as, self.read_as, self.classes),
            "classes_expected": fidelity.expected_total_variation(self.read_as, len(samples), self.classes),
            "classes_read": len(np.unique(read_as)),
            "confidence": confidence.mean(dtype=np.float64),
        }


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        rows = read_arrays(snakemake.input.rows)
        train, test = (idx.read_images(snakemake.input[f"{part}_images"]) for part in ("train", "test"))
        sets = {
            HELD_OUT: (test[rows["held_out"]], "real", ""),
            TRAINING: (train[rows["training"]], "real", ""),
            CENTRES: (read_array(snakemake.input.centres), "centres", ""),
        }
        drawn = read_arrays(snakemake.input.samples)
        for each in spec["drawn"]:
            name = f"{each['model']}.{each['way']}"
            sets[name] = (drawn[name], each["way"], each["model"])
        references = References(
            test[rows["references"]],
            test[rows["widths"]],
            Judge(read_model(snakemake.input.judge)),
            len(spec["data"]["classes"]),
            spec["neighbours"],
        )
        found, nearest = [], {}
        for name, (samples, way, model) in sets.items():
            distances, rows_of = copies.two_nearest(samples[: spec["copies"]["images"]], train)
            nearest |= {f"{name}_distances": distances, f"{name}_nearest": rows_of}
            found.append(
                {
                    "name": name,
                    "way": way,
                    "model": model,
                    "images": len(samples),
                    **references.measured(samples),
                    "distance": distances[:, 0].mean(),
                    "copies": copies.are_copies(distances, spec["copies"]["ratio"]).mean(),
                }
            )
        write_table(snakemake.output.table, pd.DataFrame(found))
        write_arrays(snakemake.output.nearest, nearest)

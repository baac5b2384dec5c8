"""Measure how well codes of two numbers keep neighbours, and classes, together.

Inputs: the codes of all images under each model of the plane; labels; the split; test images.

Outputs: a table with one row per model: `representation`, its `group`, the accuracies `one_nn` and `ten_nn` of the
nearest and of the ten nearest codes among all that may be labelled, and for a sample of the test images
`trustworthiness`, how far neighbours in the plane are neighbours among the images, and `continuity`, the same the other
way round (Venna and Kaski 2001), both by scikit-learn.
"""

import numpy as np
import pandas as pd

from aelab.analysis import neighbours
from aelab.data import datasets, idx
from aelab.data.randomness import generator
from aelab.files.arrays import read_array
from aelab.files.atomic import write_table
from aelab.jobs import frame
from aelab.plan import specs

COLUMNS = ["representation", "group", "one_nn", "ten_nn", "trustworthiness", "continuity"]


def measured(
    train: tuple[np.ndarray, np.ndarray],
    test: tuple[np.ndarray, np.ndarray],
    sample: np.ndarray,
    images: np.ndarray,
    count: int,
) -> dict[str, float]:
    """Measure one plane.

    Parameters
    ----------
    train, test : tuple of np.ndarray
        Codes (n, 2) and their classes (n,).
    sample : np.ndarray
        Row numbers (s,) of the test codes whose neighbourhoods are compared with those of their images.
    images : np.ndarray
        These images (s, pixels).
    count : int
        Neighbours that are looked at, fewer than s / 2.

    Returns
    -------
    dict
        The row of the table, without the name.
    """
    from sklearn.manifold import trustworthiness

    codes, labels = test
    plane = codes[sample]
    return {
        "one_nn": float((neighbours.nearest_labels(*train, codes) == labels).mean()),
        "ten_nn": float((neighbours.nearest_labels(*train, codes, 10) == labels).mean()),
        "trustworthiness": trustworthiness(images, plane, n_neighbors=count),
        "continuity": trustworthiness(plane, images, n_neighbors=count),
    }


if "snakemake" in globals():
    with frame.job(snakemake):
        spec, inputs = specs.parse(snakemake.params.spec), snakemake.input
        split, settings = datasets.read_split(inputs.split), spec["neighbourhoods"]
        known, asked = np.sort(np.concatenate([split["train"], split["validation"]])), split["test"]
        labels, test_labels = idx.read_labels(inputs.train_labels), idx.read_labels(inputs.test_labels)
        images = datasets.unit(idx.read_images(inputs.test_images)[asked])
        draw = generator("neighbourhoods", settings["seed"])
        sample = draw.choice(len(images), min(settings["images"], len(images)), replace=False)
        count, shown = min(settings["neighbours"], (len(sample) - 1) // 2), images[sample]
        rows = []
        for member, train, test in zip(spec["members"], inputs.train_codes, inputs.test_codes, strict=True):
            codes, others = (np.asarray(read_array(path, (None, 2))) for path in (train, test))
            own = measured((codes[known], labels[known]), (others[asked], test_labels[asked]), sample, shown, count)
            rows.append({"representation": member["name"], "group": member["group"], **own})
        write_table(snakemake.output[0], pd.DataFrame(rows, columns=COLUMNS))

"""How alike the images of different classes are, pixel by pixel."""

import numpy as np

from aelab.analysis import significance


def means(images: np.ndarray, labels: np.ndarray, classes: int) -> np.ndarray:
    """Compute the mean image of each class: float64 (classes, pixels), NaN for a class without images."""
    return np.array(
        [
            images[labels == n].mean(0, dtype=np.float64) if (labels == n).any() else np.full(images.shape[1], np.nan)
            for n in range(classes)
        ]
    )


def distances(images: np.ndarray, labels: np.ndarray, classes: int) -> np.ndarray:
    """Compute the Euclidean distances between the mean images of the classes.

    Parameters
    ----------
    images : np.ndarray
        Images (n, pixels) with pixels in [0, 1].
    labels : np.ndarray
        Class numbers (n,).
    classes : int
        Number of classes.

    Returns
    -------
    np.ndarray
        float64 (classes, classes), NaN for a class without images.
    """
    centres = means(images, labels, classes)
    return np.linalg.norm(centres[:, None] - centres[None], axis=-1)


def spreads(images: np.ndarray, labels: np.ndarray, classes: int) -> np.ndarray:
    """Compute how far the images of each class are from their mean: MSE per pixel (classes,), arguments as above."""
    centres = means(images, labels, classes)
    errors = np.array([np.square(image - centres[n]).mean() for image, n in zip(images, labels, strict=True)])
    return np.array([errors[labels == n].mean() if (labels == n).any() else np.nan for n in range(classes)])


def of_overlap(confusion: np.ndarray, distances: np.ndarray, spreads: np.ndarray) -> dict[str, float]:
    """Compute how far the likeness of images explains which classes overlap and which are kept together.

    Parameters
    ----------
    confusion : np.ndarray
        Shares (classes, classes) of each class whose neighbour has each class.
    distances : np.ndarray
        Distances (classes, classes) between the mean images.
    spreads : np.ndarray
        Error (classes,) of answering the mean image of the class.

    Returns
    -------
    dict of str to float
        `overlap_by_distance` and `kept_by_spread`, rank correlations over pairs and over classes: negative where near
        pairs overlap, and classes of images that differ little are kept together; `overlap_rank`, the rank of the pair
        that overlaps most by its distance, 1 for the nearest; `pairs`, how many there are.
    """
    pairs = np.triu_indices(len(confusion), 1)
    overlap, apart = ((confusion + confusion.T) / 2)[pairs], distances[pairs]
    return {
        "overlap_by_distance": significance.rank_correlation(overlap, apart),
        "kept_by_spread": significance.rank_correlation(np.diag(confusion), spreads),
        "overlap_rank": int((apart < apart[np.nanargmax(overlap)]).sum()) + 1,
        "pairs": len(apart),
    }

"""Iterations of a model's reconstruction r(x), which shall lead from any image to one that the model knows.

Images are float32 (n, pixels). `WALKS` names the iterations in the order in which arrays hold them, `PICTURES` the ways
in which their images are shown: the walk, and whether its colours are inverted.
"""

from collections.abc import Callable, Iterable

import numpy as np

WALKS = ("plain", "normalised", "score")
PICTURES = {
    "plain": ("plain", False),
    "normalised": ("normalised", False),
    "inverted": ("normalised", True),
    "score": ("score", False),
}
LENGTHS = ("short", "long")


def noise_images(number: int, pixels: int, draw: np.random.Generator) -> np.ndarray:
    """Draw images of pure noise (number, pixels), float32: uniform in [0, 1] with N(0, 1) added."""
    uniform = draw.random((number, pixels), dtype=np.float32)
    return uniform + draw.standard_normal((number, pixels), dtype=np.float32)


def class_means(images: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the classes that images show, ascending (k,), and the mean image of each (k, pixels), float32."""
    classes = np.unique(labels)
    means = [np.asarray(images[labels == number], np.float64).mean(axis=0) for number in classes]
    return classes, np.array(means, np.float32)


def chosen_class(classes: np.ndarray, number: int) -> int:
    """Return the position of a class among those that there are, the last one if there are too few."""
    return min(number, len(classes) - 1)


def target_step(
    images: np.ndarray, reconstructions: np.ndarray, target: np.ndarray, eta: float, normalise: bool
) -> np.ndarray:
    """Take the published step towards a target.

    Parameters
    ----------
    images : np.ndarray
        Images x (n, pixels).
    reconstructions : np.ndarray
        Their reconstructions r(x).
    target : np.ndarray
        r(m), the reconstruction of the mean image of a class (pixels,), or one for each image.
    eta : float
        Step size.
    normalise : bool
        Whether to divide each image by its Euclidean norm after the step.

    Returns
    -------
    np.ndarray
        x + eta (r(x) - r(m)).
    """
    moved = images + np.asarray(eta, images.dtype) * (reconstructions - target)
    if not normalise:
        return moved
    return moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), np.finfo(images.dtype).tiny)


def score_step(images: np.ndarray, reconstructions: np.ndarray, eta: float) -> np.ndarray:
    """Return x + eta (r(x) - x), a step along the score of the data's density (Alain and Bengio 2014)."""
    return images + np.asarray(eta, images.dtype) * (reconstructions - images)


def residuals(images: np.ndarray, reconstructions: np.ndarray) -> np.ndarray:
    """Return ||r(x) - x|| of each image (n,)."""
    return np.sqrt(((reconstructions - images) ** 2).sum(axis=1))


def as_shown(images: np.ndarray, inverted: bool = False) -> np.ndarray:
    """Scale images (..., pixels), or if inverted their negatives, each to [0, 1] by its own least and largest value."""
    signed = -images if inverted else images
    low, high = signed.min(axis=-1, keepdims=True), signed.max(axis=-1, keepdims=True)
    return (signed - low) / np.maximum(high - low, np.finfo(signed.dtype).tiny)


def picture(states: np.ndarray, name: str) -> np.ndarray:
    """Return images of a walk as one of `PICTURES` shows them: the score iteration's unscaled, all others scaled."""
    return np.clip(states, 0, 1) if name == "score" else as_shown(states, PICTURES[name][1])


def pictures(ends: np.ndarray) -> np.ndarray:
    """Return the ends of all walks (walks, ..., pixels) as all `PICTURES` show them (pictures, ..., pixels)."""
    return np.stack([picture(ends[WALKS.index(walk)], name) for name, (walk, _) in PICTURES.items()])


def walk(
    starts: np.ndarray,
    reconstruct: Callable[[np.ndarray], np.ndarray],
    step: Callable[[np.ndarray, np.ndarray], np.ndarray],
    steps: int,
    kept: Iterable[int],
) -> tuple[dict[int, np.ndarray], np.ndarray, np.ndarray]:
    """Take steps from images.

    Parameters
    ----------
    starts : np.ndarray
        Images to start from (n, pixels).
    reconstruct : callable
        Maps images to their reconstructions.
    step : callable
        Maps images and their reconstructions to the next images.
    steps : int
        Number of steps.
    kept : iterable of int
        Numbers of steps after which the images are returned.

    Returns
    -------
    states : dict of int to np.ndarray
        Images (n, pixels) by number of steps.
    lengths : np.ndarray
        ||r(x) - x|| before each step and after the last (steps + 1, n).
    moved : np.ndarray
        Distance from each image to the one two steps before (steps + 1, n), so that a cycle of two counts as rest; from
        the start while there have not been two steps.
    """
    kept, images, before = set(kept), starts, [starts, starts]
    states, lengths, moved = {}, [], []
    for number in range(steps + 1):
        reconstructions = reconstruct(images)
        lengths.append(residuals(images, reconstructions))
        moved.append(residuals(before[0], images))
        if number in kept:
            states[number] = images
        if number < steps:
            before = [before[1], images]
            images = step(images, reconstructions)
    return states, np.stack(lengths), np.stack(moved)


def shown_steps(steps: int) -> list[int]:
    """Return the numbers of steps to show of a walk: 0, 1, 2, 5, 10, 20, 50, ... and the last."""
    numbers = [0] + [lead * 10**power for power in range(len(str(steps))) for lead in (1, 2, 5)]
    return [number for number in numbers if number < steps] + [steps]


def correlations(images: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return Pearson's correlation over pixels of images with others (..., pixels), which are broadcast; 0 if flat."""
    a, b = (np.asarray(x, np.float64) - np.mean(x, axis=-1, keepdims=True, dtype=np.float64) for x in (images, others))
    scale = np.sqrt((a**2).sum(-1) * (b**2).sum(-1))
    return (a * b).sum(-1) / np.where(scale > 0, scale, 1)


def shares_of_variance(images: np.ndarray) -> tuple[float, float]:
    """Divide the variance of images by the two factors that they were made with.

    Parameters
    ----------
    images : np.ndarray
        Images (a, b, pixels): one for each combination of two factors.

    Returns
    -------
    first, second : float
        Shares of the sum of squares that the first and the second factor explain alone (two-way analysis of variance
        without replication); the rest is their interaction. 0 if all images are equal.
    """
    values = np.asarray(images, np.float64)
    centred = values - values.mean(axis=(0, 1))
    total = (centred**2).mean(axis=(0, 1)).sum()
    if total == 0:
        return 0.0, 0.0
    first, second = ((centred.mean(axis=axis) ** 2).mean(axis=0).sum() / total for axis in (1, 0))
    return float(first), float(second)


def mean_distance(images: np.ndarray) -> float:
    """Return the root mean squared Euclidean distance between two of the images (n, pixels)."""
    return float(np.sqrt(2 * np.asarray(images, np.float64).var(axis=0, ddof=1).sum()))

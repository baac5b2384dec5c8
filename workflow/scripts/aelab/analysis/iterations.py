"""Apply a model's reconstruction r(x) repeatedly, which should lead from any image to one like those it was trained on.

Images are float32 (n, pixels). `ITERATIONS` names the two kinds of step in the order that tables and arrays use.
"""

from collections.abc import Callable, Collection

import numpy as np

ITERATIONS = ("published", "score")


def published_step(images: np.ndarray, reconstructions: np.ndarray, mean_reconstruction: np.ndarray) -> np.ndarray:
    """Return x + r(x) - r(mean image), scaled to [0, 1] image by image, with inverted colours: the step as published.

    Parameters
    ----------
    images : np.ndarray, shape (n, pixels)
        The images x.
    reconstructions : np.ndarray, shape (n, pixels)
        Their reconstructions r(x).
    mean_reconstruction : np.ndarray, shape (pixels,) or (1, pixels)
        The reconstruction of the mean image.
    """
    moved = images + reconstructions - mean_reconstruction
    low, high = moved.min(axis=1, keepdims=True), moved.max(axis=1, keepdims=True)
    return 1 - (moved - low) / np.maximum(high - low, np.float32(1e-6))


def score_step(images: np.ndarray, reconstructions: np.ndarray, eta: float) -> np.ndarray:
    """Return x + eta (r(x) - x). The difference r(x) - x is proportional to the score of the density of the data.

    Parameters
    ----------
    images : np.ndarray, shape (n, pixels)
        The images x.
    reconstructions : np.ndarray, shape (n, pixels)
        Their reconstructions r(x).
    eta : float
        The step size.

    References
    ----------
    Alain and Bengio (2014), What regularized auto-encoders learn from the data-generating distribution.
    """
    return images + np.float32(eta) * (reconstructions - images)


def residuals(images: np.ndarray, reconstructions: np.ndarray) -> np.ndarray:
    """Return the Euclidean norm of r(x) - x for each image, float32 (n,)."""
    return np.sqrt(((reconstructions - images) ** 2).sum(axis=1))


def walk(
    starts: np.ndarray,
    reconstruct: Callable[[np.ndarray], np.ndarray],
    step: Callable[[np.ndarray, np.ndarray], np.ndarray],
    steps: int,
    shown: Collection[int] = (),
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Take steps from some images.

    Parameters
    ----------
    starts : np.ndarray, shape (n, pixels)
        The images to start from.
    reconstruct : callable
        Returns the reconstructions of images.
    step : callable
        Returns the next images, given images and their reconstructions.
    steps : int
        How many steps to take.
    shown : collection of int
        After how many steps to keep the images.

    Returns
    -------
    images : np.ndarray, shape (n, pixels)
        The last images.
    lengths : np.ndarray, shape (steps + 1, n)
        The residuals before each step and after the last one.
    moved : np.ndarray, shape (n,)
        The distance between each image and itself two steps earlier, so that a cycle of two counts as standing still.
    kept : np.ndarray, shape (len(shown), n, pixels)
        The images after the numbers of steps in `shown`.
    """
    images, lengths, kept, before = starts, [], [], [starts] * 2
    for number in range(steps + 1):
        reconstructions = reconstruct(images)
        lengths.append(residuals(images, reconstructions))
        if number in shown:
            kept.append(images)
        if number < steps:
            before = [before[1], images]
            images = step(images, reconstructions)
    moved = residuals(before[0], images)
    return images, np.stack(lengths), moved, np.stack(kept) if kept else np.empty((0, *starts.shape), starts.dtype)


def shown_steps(steps: int) -> list[int]:
    """Return the numbers of steps after which images are shown: 0, 1, 2, 5, 10, 20, 50 and so on, and the last."""
    numbers = [0] + [lead * 10**power for power in range(len(str(steps))) for lead in (1, 2, 5)]
    return [number for number in numbers if number < steps] + [steps]

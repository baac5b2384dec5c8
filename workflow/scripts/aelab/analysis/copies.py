"""Find images that are copies of training images, by their two nearest ones."""

import numpy as np

from aelab.data.datasets import unit


def two_nearest(images: np.ndarray, references: np.ndarray, batch_size: int = 8192) -> tuple[np.ndarray, np.ndarray]:
    """Find the two nearest references of each image, by Euclidean distance.

    Parameters
    ----------
    images : np.ndarray, shape (n, pixels)
        Images, uint8.
    references : np.ndarray, shape (m, pixels)
        At least two references, uint8.
    batch_size : int
        Number of references that are processed at once.

    Returns
    -------
    distances : np.ndarray, shape (n, 2)
        The distances to the nearest and to the second nearest reference, for pixels in [0, 1], float64.
    nearest : np.ndarray, shape (n,)
        The row of the nearest one, int64. The search is made in float32, the distances of what it finds are exact.
    """
    own = unit(images)
    best, rows = np.full((len(images), 2), np.inf, np.float32), np.zeros((len(images), 2), np.int64)
    for start in range(0, len(references), batch_size):
        part = unit(references[start : start + batch_size])
        found = np.square(part).sum(1)[None] - 2 * own @ part.T
        among = np.argpartition(found, 1, axis=1)[:, :2] if len(part) > 1 else np.zeros((len(images), 1), np.int64)
        values = np.hstack([best, np.take_along_axis(found, among, axis=1)])
        order = np.argsort(values, axis=1, kind="stable")[:, :2]
        rows = np.take_along_axis(np.hstack([rows, start + among]), order, axis=1)
        best = np.take_along_axis(values, order, axis=1)
    exact = [np.sqrt(np.square(images.astype(np.float64) - references[rows[:, n]]).sum(axis=1)) / 255 for n in range(2)]
    second_first = exact[1] < exact[0]
    return np.sort(np.stack(exact, axis=1), axis=1), np.where(second_first, rows[:, 1], rows[:, 0])


def are_copies(distances: np.ndarray, ratio: float) -> np.ndarray:
    """Tell which images are copies: much nearer to one training image than to any other.

    A blurred image is near to many training images alike and is no copy.

    Parameters
    ----------
    distances : np.ndarray, shape (n, 2)
        The distances that `two_nearest` returns.
    ratio : float
        An image is a copy if its nearest training image is nearer than this share of the distance to the second one.
        An image that equals a training image is a copy, even if there are two of that.

    Returns
    -------
    np.ndarray, shape (n,)
        Booleans.
    """
    return (distances[:, 0] < ratio * distances[:, 1]) | (distances[:, 0] == 0)

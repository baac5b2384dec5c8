"""Find the nearest neighbours of images and of codes, and measure how much classes overlap."""

import numpy as np


def nearest_images(
    images: np.ndarray, references: np.ndarray, itself: bool = False, batch_size: int = 10_000
) -> tuple[np.ndarray, np.ndarray]:
    """Find the nearest of some reference images for each image, by Euclidean distance.

    Parameters
    ----------
    images : np.ndarray, shape (n, pixels)
        Images in [0, 1].
    references : np.ndarray, shape (m, pixels)
        Reference images in [0, 1], or as uint8.
    itself : bool
        Whether the images are the first n references. An image is then not counted as its own neighbour.
    batch_size : int
        Number of references that are processed at once.

    Returns
    -------
    distances : np.ndarray, shape (n,)
        The distance to the nearest reference, float64.
    nearest : np.ndarray, shape (n,)
        The row of this reference, int64. The search is made in float32.
    """
    images = np.asarray(images, np.float32)
    best, nearest = np.full(len(images), np.inf, np.float32), np.zeros(len(images), np.int64)
    for start in range(0, len(references), batch_size):
        part = _unit(references[start : start + batch_size])
        distances = np.square(part).sum(1)[None] - 2 * images @ part.T
        if itself:
            own = np.arange(start, min(start + len(part), len(images)))
            distances[own, own - start] = np.inf
        found = distances.argmin(1)
        distances = distances[np.arange(len(images)), found]
        nearest = np.where(distances < best, start + found, nearest)
        best = np.minimum(distances, best)
    return np.linalg.norm(images.astype(np.float64) - _unit(references[nearest]), axis=1), nearest


def nearest_image_distances(images: np.ndarray, references: np.ndarray, batch_size: int = 10_000) -> np.ndarray:
    """Return only the distances that `nearest_images` returns, float64 (n,)."""
    return nearest_images(images, references, batch_size=batch_size)[0]


def _unit(images: np.ndarray) -> np.ndarray:
    scaled = np.asarray(images, np.float32)
    return scaled / np.float32(255) if images.dtype == np.uint8 else scaled


def nearest_labels(codes: np.ndarray, labels: np.ndarray, others: np.ndarray, k: int = 1) -> np.ndarray:
    """Classify codes by the labels of their nearest neighbours.

    Parameters
    ----------
    codes : np.ndarray, shape (m, d)
        Codes with known labels.
    labels : np.ndarray, shape (m,)
        Their labels.
    others : np.ndarray, shape (n, d)
        The codes to classify.
    k : int
        Number of neighbours that vote.

    Returns
    -------
    np.ndarray, shape (n,)
        The most frequent label of the neighbours of each code.
    """
    from sklearn.neighbors import KNeighborsClassifier

    return KNeighborsClassifier(k).fit(codes, labels).predict(others)


def confusion(labels: np.ndarray, found: np.ndarray, classes: int) -> np.ndarray:
    """Return the confusion matrix as shares of each class.

    Parameters
    ----------
    labels : np.ndarray, shape (n,)
        True labels.
    found : np.ndarray, shape (n,)
        Predicted labels.
    classes : int
        The number of classes.

    Returns
    -------
    np.ndarray, shape (classes, classes)
        One row per true label, one column per predicted label. Rows sum to 1, and are NaN for classes without images.
    """
    from sklearn.metrics import confusion_matrix

    counts = confusion_matrix(labels, found, labels=range(classes))
    with np.errstate(invalid="ignore"):
        return counts / counts.sum(axis=1, keepdims=True)


def most_confused(shares: np.ndarray) -> tuple[int, int, float]:
    """Return the two classes that are most often confused with each other.

    Parameters
    ----------
    shares : np.ndarray, shape (classes, classes)
        A matrix that `confusion` returns.

    Returns
    -------
    i, j : int
        The numbers of the classes.
    share : float
        The mean of the two shares, of i taken for j and of j taken for i.
    """
    both = np.triu((shares + shares.T) / 2, 1)
    i, j = np.unravel_index(np.nanargmax(both), both.shape)
    return int(i), int(j), float(both[i, j])


def chance(labels: np.ndarray, others: np.ndarray, classes: int) -> float:
    """Return the expected accuracy of guesses that are drawn from the training labels.

    Parameters
    ----------
    labels : np.ndarray, shape (m,)
        Training labels.
    others : np.ndarray, shape (n,)
        Labels to guess.
    classes : int
        The number of classes.

    Returns
    -------
    float
        The sum over classes of the product of their shares in both.
    """
    shares = [np.bincount(each, minlength=classes) / len(each) for each in (labels, others)]
    return float((shares[0] * shares[1]).sum())

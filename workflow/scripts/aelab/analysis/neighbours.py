"""Nearest neighbours of images and of codes, and what they say about overlap."""

import numpy as np


def nearest_images(images, references, itself=False, batch_size=10_000):
    """Of each image (n, pixels), the Euclidean distance to the nearest of the references (m, pixels) and its row.

    Both with pixels in [0, 1], or the references as uint8. With `itself` the images are the references'
    first rows, and none is its own neighbour. The neighbour is found in float32, the distance to it
    computed in float64. Returns float64 (n,) and int64 (n,).
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


def nearest_image_distances(images, references, batch_size=10_000):
    """The distances alone of `nearest_images`, float64 (n,)."""
    return nearest_images(images, references, batch_size=batch_size)[0]


def _unit(images):
    scaled = np.asarray(images, np.float32)
    return scaled / np.float32(255) if images.dtype == np.uint8 else scaled


def nearest_labels(codes, labels, others, k=1):
    """The label that most of the `k` nearest of `codes` (m, d) have, for each of `others` (n, d): (n,)."""
    from sklearn.neighbors import KNeighborsClassifier

    return KNeighborsClassifier(k).fit(codes, labels).predict(others)


def confusion(labels, found, classes):
    """Shares (classes, classes): row a label, column the label found, each row summing to 1 (NaN without images)."""
    from sklearn.metrics import confusion_matrix

    counts = confusion_matrix(labels, found, labels=range(classes))
    with np.errstate(invalid="ignore"):
        return counts / counts.sum(axis=1, keepdims=True)


def most_confused(shares):
    """The two classes that are most often taken for each other, and how often: (i, j, mean of both shares)."""
    both = np.triu((shares + shares.T) / 2, 1)
    i, j = np.unravel_index(np.nanargmax(both), both.shape)
    return int(i), int(j), float(both[i, j])


def chance(labels, others, classes):
    """Accuracy of a guess drawn from the training labels: the sum over classes of the product of their shares."""
    shares = [np.bincount(each, minlength=classes) / len(each) for each in (labels, others)]
    return float((shares[0] * shares[1]).sum())

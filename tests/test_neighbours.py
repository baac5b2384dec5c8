"""Nearest neighbours, against scikit-learn and against the numbers known for MNIST."""

import numpy as np
import pytest

from aelab.analysis import neighbours
from aelab.data import idx
from aelab.data.datasets import unit
from aelab.inference import linear


def test_distances_agree_with_scikit_learn():
    from sklearn.neighbors import NearestNeighbors

    """Black, white and sixteenths: float32 holds every squared distance, so that all find the same neighbour."""
    draw = np.random.default_rng(1)
    references = draw.integers(0, 2, (300, 784), dtype=np.uint8) * np.uint8(255)
    images = draw.integers(0, 17, (40, 784)).astype(np.float32) / 16
    index = NearestNeighbors(n_neighbors=1).fit(references / 255)
    expected = index.kneighbors(images.astype(np.float64))[0][:, 0]
    assert neighbours.nearest_image_distances(images, references, batch_size=77) == pytest.approx(expected)


def test_an_image_among_the_references_is_at_distance_zero():
    references = np.random.default_rng(2).integers(0, 256, (50, 784), dtype=np.uint8)
    assert (neighbours.nearest_image_distances(unit(references[10:12]), references) == 0).all()


def test_confusion_counts_shares_of_each_label():
    shares = neighbours.confusion(np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1]), classes=2)
    assert shares == pytest.approx(np.array([[2 / 3, 1 / 3], [0, 1]]))


def test_most_confused_is_symmetric():
    shares = np.array([[0.9, 0.1, 0.0], [0.0, 0.6, 0.4], [0.1, 0.3, 0.6]])
    assert neighbours.most_confused(shares) == pytest.approx((1, 2, 0.35))


def test_chance_of_balanced_digits_is_a_tenth():
    labels = np.arange(1000) % 10
    assert neighbours.chance(labels, labels) == pytest.approx(0.1)


def test_known_numbers_of_the_plane_of_pca(mnist_folder):
    """1-NN among 60,000 codes of PCA-2 knows .3897 of the test digits; chance is .1003."""
    train = idx.read_images(mnist_folder / "train-images-idx3-ubyte")
    test = idx.read_images(mnist_folder / "t10k-images-idx3-ubyte")
    labels = [idx.read_labels(mnist_folder / f"{part}-labels-idx1-ubyte") for part in ("train", "t10k")]
    mean, components = linear.principal_components(unit(train), 2)
    found = neighbours.nearest_labels(
        (unit(train) - mean) @ components.T, labels[0], (unit(test) - mean) @ components.T
    )
    # Two of 10,000 images have neighbours of two labels within 1e-6, to which float32 rounds such codes.
    assert (found == labels[1]).mean() == pytest.approx(0.3897, rel=0, abs=0.0002)
    assert neighbours.chance(*labels) == pytest.approx(0.1003, rel=0, abs=0.00005)
    assert np.diag(neighbours.confusion(labels[1], found)) @ np.bincount(labels[1]) / 10_000 == pytest.approx(
        (found == labels[1]).mean()
    )

"""Linear references: principal component analysis and the Wiener filter."""

import numpy as np


def principal_components(images, n_components):
    """Mean (784,) and components (n_components, 784) of images (n, 784) in [0, 1], in float64, by scikit-learn.

    Components are orthonormal, by falling variance; scikit-learn fixes their signs.
    """
    from sklearn.decomposition import PCA

    pca = PCA(n_components, svd_solver="covariance_eigh").fit(np.asarray(images, np.float64))
    return pca.mean_, pca.components_


def wiener_filter(clean, corrupted):
    """The linear map that reconstructs clean from corrupted images with the least squared error.

    Both (n, 784). Returns `matrix` (784, 784) and `offset` (784,): clean is about
    corrupted @ matrix + offset. From E[(y - my)(x - mx)'] and Cov(y), as Wiener (1949).
    """
    clean, corrupted = np.asarray(clean, np.float64), np.asarray(corrupted, np.float64)
    mean_clean, mean_corrupted = clean.mean(0), corrupted.mean(0)
    centred = corrupted - mean_corrupted
    matrix, *_ = np.linalg.lstsq(centred.T @ centred, centred.T @ (clean - mean_clean), rcond=1e-10)
    return matrix, mean_clean - mean_corrupted @ matrix

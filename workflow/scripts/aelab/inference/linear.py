"""Linear references: principal component analysis and the Wiener filter."""

import numpy as np


def principal_components(images, n_components):
    """Mean (pixels,) and components (n_components, pixels) of images (n, pixels), in float64, by scikit-learn.

    Components are orthonormal, by falling variance; scikit-learn fixes their signs.
    """
    from sklearn.decomposition import PCA

    pca = PCA(n_components, svd_solver="covariance_eigh").fit(np.asarray(images, np.float64))
    return pca.mean_, pca.components_


def wiener_filter(clean, corrupted, batch_size=1000):
    """The linear map that reconstructs clean from corrupted images with the least squared error.

    Both (n, pixels). Returns `matrix` (pixels, pixels) and `offset` (pixels,), float64: clean is about
    corrupted @ matrix + offset. From E[(y - my)(x - mx)'] and Cov(y), as Wiener (1949). Products of a batch are
    float32, their sums float64.
    """
    mean_clean, mean_corrupted = clean.mean(0, dtype=np.float64), corrupted.mean(0, dtype=np.float64)
    of_corrupted, of_both = 0.0, 0.0
    for start in range(0, len(clean), batch_size):
        rows = slice(start, start + batch_size)
        x, y = (a.astype(np.float32) for a in (clean[rows] - mean_clean, corrupted[rows] - mean_corrupted))
        of_corrupted, of_both = of_corrupted + (y.T @ y).astype(np.float64), of_both + (y.T @ x).astype(np.float64)
    matrix, *_ = np.linalg.lstsq(of_corrupted, of_both, rcond=1e-10)
    return matrix, mean_clean - mean_corrupted @ matrix

"""Linear methods for comparison: principal component analysis and the Wiener filter."""

import numpy as np


def principal_components(images: np.ndarray, n_components: int) -> tuple[np.ndarray, np.ndarray]:
    """Compute principal components in float64, with scikit-learn.

    Parameters
    ----------
    images : np.ndarray, shape (n, pixels)
        Images.
    n_components : int
        How many components to compute.

    Returns
    -------
    mean : np.ndarray, shape (pixels,)
        The mean image.
    components : np.ndarray, shape (n_components, pixels)
        Orthonormal components, by decreasing variance, with the signs that scikit-learn gives them.
    """
    from sklearn.decomposition import PCA

    pca = PCA(n_components, svd_solver="covariance_eigh").fit(np.asarray(images, np.float64))
    return pca.mean_, pca.components_


def wiener_filter(clean: np.ndarray, corrupted: np.ndarray, batch_size: int = 1000) -> tuple[np.ndarray, np.ndarray]:
    """Compute the affine map from corrupted to clean images with the least squared error.

    Parameters
    ----------
    clean : np.ndarray, shape (n, pixels)
        Clean images.
    corrupted : np.ndarray, shape (n, pixels)
        The same images, corrupted.
    batch_size : int
        Number of images per matrix product. Products are float32, their sums float64.

    Returns
    -------
    matrix : np.ndarray, shape (pixels, pixels)
        float64; an image is estimated as `corrupted @ matrix + offset`.
    offset : np.ndarray, shape (pixels,)
        float64.

    Notes
    -----
    The matrix solves Cov(y) matrix = Cov(y, x) for clean images x and corrupted images y.

    References
    ----------
    Wiener (1949), Extrapolation, interpolation, and smoothing of stationary time series.
    """
    mean_clean, mean_corrupted = clean.mean(0, dtype=np.float64), corrupted.mean(0, dtype=np.float64)
    of_corrupted, of_both = 0.0, 0.0
    for start in range(0, len(clean), batch_size):
        rows = slice(start, start + batch_size)
        x, y = (a.astype(np.float32) for a in (clean[rows] - mean_clean, corrupted[rows] - mean_corrupted))
        of_corrupted, of_both = of_corrupted + (y.T @ y).astype(np.float64), of_both + (y.T @ x).astype(np.float64)
    matrix, *_ = np.linalg.lstsq(of_corrupted, of_both, rcond=1e-10)
    return matrix, mean_clean - mean_corrupted @ matrix

"""The least error that any denoiser can have: that of one who knows every image and need only tell which one it sees.

If clean images are drawn from a known, finite set, the estimate with the least expected squared error is the mean of
the set by the probabilities that the noise leaves. No function of the noisy image has a smaller expected error on that
set, whatever it was trained on.
"""

import numpy as np

GREY_LEVELS = 256


def best_estimates(known: np.ndarray, noisy: np.ndarray, deviation: float, clipped: bool) -> np.ndarray:
    """Compute the posterior means of clean images, given noisy ones.

    Parameters
    ----------
    known : np.ndarray, shape (k, pixels)
        The images that can be seen, each equally probable, uint8.
    noisy : np.ndarray, shape (n, pixels)
        Images of these, in [0, 1], with independent Gaussian noise.
    deviation : float
        The standard deviation of the noise.
    clipped : bool
        Whether the noisy images were clipped to [0, 1]. A pixel at 0 or at 1 then tells only that it was clipped.

    Returns
    -------
    np.ndarray, shape (n, pixels)
        float64.
    """
    from scipy.special import log_ndtr

    levels = np.arange(GREY_LEVELS) / (GREY_LEVELS - 1)
    clean, seen = levels[known], np.asarray(noisy, np.float64)
    if clipped:
        inside = (seen > 0) & (seen < 1)
        squares = (inside * seen**2).sum(1)[:, None] - 2 * (inside * seen) @ clean.T + inside @ (clean**2).T
        logs = -squares / (2 * deviation**2)
        for at, tail in ((seen <= 0, -levels / deviation), (seen >= 1, (levels - 1) / deviation)):
            logs += at.astype(np.float64) @ log_ndtr(tail)[known].T
    else:
        squares = (seen**2).sum(1)[:, None] - 2 * seen @ clean.T + (clean**2).sum(1)
        logs = -squares / (2 * deviation**2)
    weights = np.exp(logs - logs.max(1, keepdims=True))
    return (weights / weights.sum(1, keepdims=True)) @ clean

"""Ask what can be read off a representation: with few labels or many, by a linear map or by its nearest neighbours.

A representation is an array (n, k) with one row per image: codes, or the pixels themselves.
"""

import numpy as np

# Weights of the squared norm in the objective of a linear probe, beside the mean cross-entropy in nats.
PENALTIES = (1e-2, 1e-3, 1e-4, 1e-5)
HELD_OUT = 5  # one labelled image in so many chooses the penalty


def labelled(labels: np.ndarray, a_class: int, draw: np.random.Generator) -> np.ndarray:
    """Draw images of each class to be the labelled ones.

    Parameters
    ----------
    labels : np.ndarray, shape (n,)
        The classes of all images.
    a_class : int
        Images to draw of each class.
    draw : np.random.Generator
        Source of randomness.

    Returns
    -------
    np.ndarray, shape (classes * a_class,)
        Rows, class after class; from the same state of `draw`, a smaller number gives the first ones of each class.

    Raises
    ------
    ValueError
        If a class has fewer images.
    """
    rows = []
    for each in np.unique(labels):
        own = draw.permutation(np.flatnonzero(labels == each))
        if len(own) < a_class:
            raise ValueError(f"{a_class} images of class {each}, which has {len(own)}")
        rows.append(own[:a_class])
    return np.concatenate(rows)


def normalised(codes: np.ndarray, *others: np.ndarray) -> list[np.ndarray]:
    """Centre representations and divide them by one number, so that the first has a mean squared length of 1.

    The shape of the cloud of codes stays as it is: no direction is stretched more than another.

    Parameters
    ----------
    codes : np.ndarray, shape (n, k)
        What mean and length are taken from.
    *others : np.ndarray, shape (m, k)
        What is moved and scaled in the same way.

    Returns
    -------
    list of np.ndarray
        All of them, float64.
    """
    centre = codes.mean(0, dtype=np.float64)
    moved = [each - centre for each in (codes, *others)]
    length = np.sqrt(np.einsum("ij,ij->", moved[0], moved[0]) / len(codes)) or 1
    for each in moved:  # in place: all images take hundreds of megabytes
        each /= length
    return moved


def fitted(codes: np.ndarray, labels: np.ndarray, penalty: float) -> object:
    """Fit a multinomial logistic regression: the mean cross-entropy plus `penalty` / 2 times the squared weights.

    Parameters
    ----------
    codes : np.ndarray, shape (n, k)
        What to read off, normalised.
    labels : np.ndarray, shape (n,)
        Classes.
    penalty : float
        The weight of the squared norm; the offsets are left out of it.

    Returns
    -------
    sklearn.linear_model.LogisticRegression
        Where the slope of the objective is below 1e-6, or after 100 iterations of L-BFGS. These give the same bits with
        one thread on one type of processor. With the default of scikit-learn, 1e-4, a small penalty would stop early,
        and stopping early would act as a larger one.
    """
    import warnings

    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    with warnings.catch_warnings():  # what 100 iterations leave is far less than what another draw changes
        warnings.simplefilter("ignore", ConvergenceWarning)
        return LogisticRegression(C=1 / (penalty * len(codes)), tol=1e-6, max_iter=100).fit(codes, labels)


def chosen_penalty(codes: np.ndarray, labels: np.ndarray) -> float:
    """Choose the penalty of a linear probe without other labels than the given ones.

    A probe is fitted with each of `PENALTIES` on all but one in `HELD_OUT` images of each class, and judged by its
    cross-entropy on those.

    Parameters
    ----------
    codes : np.ndarray, shape (n, k)
        What to read off, normalised.
    labels : np.ndarray, shape (n,)
        Classes; at least two images of each.

    Returns
    -------
    float
    """
    held_out = np.zeros(len(labels), bool)
    for each in np.unique(labels):
        own = np.flatnonzero(labels == each)
        held_out[own[: max(len(own) // HELD_OUT, 1)]] = True
    losses = []
    for penalty in PENALTIES:
        probe = fitted(codes[~held_out], labels[~held_out], penalty)
        own = np.searchsorted(probe.classes_, labels[held_out])
        losses.append(-probe.predict_log_proba(codes[held_out])[np.arange(len(own)), own].mean())
    return PENALTIES[int(np.argmin(losses))]


def linear(codes: np.ndarray, labels: np.ndarray, others: np.ndarray, penalty: float | None = None) -> np.ndarray:
    """Classify representations by a linear probe.

    Parameters
    ----------
    codes : np.ndarray, shape (m, k)
        Representations with known labels.
    labels : np.ndarray, shape (m,)
        Their labels.
    others : np.ndarray, shape (n, k)
        The representations to classify.
    penalty : float, optional
        The weight of the squared norm (`fitted`); by default `chosen_penalty`.

    Returns
    -------
    np.ndarray, shape (n,)
        Labels.
    """
    codes, others = normalised(codes, others)
    return fitted(codes, labels, penalty or chosen_penalty(codes, labels)).predict(others)


def least_squared_error(codes: np.ndarray, labels: np.ndarray) -> float:
    """Return the least mean squared error with which an affine map can make the classes out of representations.

    It is measured on the images that the map is fitted to, and against 1 for the class and 0 for others. An affine map
    of an affine map is one: of a linear code, nothing smaller can come than of the pixels.

    Parameters
    ----------
    codes : np.ndarray, shape (n, k)
        Representations.
    labels : np.ndarray, shape (n,)
        Classes.

    Returns
    -------
    float
        Sum over classes, mean over images; between 0 and 1.
    """
    (codes,) = normalised(codes)
    wanted = (labels[:, None] == np.unique(labels)).astype(np.float64)
    wanted -= wanted.mean(0)
    products, both = codes.T @ codes, codes.T @ wanted
    matrix, *_ = np.linalg.lstsq(products, both, rcond=1e-10)
    return float(np.square(wanted - codes @ matrix).sum(1).mean())


def ceiling(codes: np.ndarray, labels: np.ndarray) -> float:
    """Return the accuracy that no classifier of these representations can exceed.

    Images with the same code are given the same class, whatever the classifier: at best the commonest among them.

    Parameters
    ----------
    codes : np.ndarray, shape (n, k)
        Representations.
    labels : np.ndarray, shape (n,)
        Class numbers.

    Returns
    -------
    float
        A share of the images; 1 if no two of different classes have the same code.
    """
    _, group = np.unique(codes, axis=0, return_inverse=True)
    counts = np.zeros((group.max() + 1, int(labels.max()) + 1), int)
    np.add.at(counts, (group.ravel(), labels), 1)
    return float(counts.max(1).sum() / len(labels))


def random_projection(pixels: int, size: int, draw: np.random.Generator) -> np.ndarray:
    """Draw an orthonormal projection, every direction of which is as likely as any other.

    Parameters
    ----------
    pixels : int
        Numbers in an image.
    size : int
        Numbers to keep, at most `pixels`.
    draw : np.random.Generator
        Source of randomness.

    Returns
    -------
    np.ndarray, shape (pixels, size)
        Orthonormal columns.

    References
    ----------
    Dasgupta (2000), Experiments with random projection.
    """
    matrix, triangle = np.linalg.qr(draw.standard_normal((pixels, size)))
    return matrix * np.where(np.diag(triangle) < 0, -1, 1)

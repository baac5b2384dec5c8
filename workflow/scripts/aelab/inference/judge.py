"""The judge: a trained classifier that says which class an image reads as, and how surely."""

from __future__ import annotations

import numpy as np

from aelab.inference import trained


class Judge:
    """A classifier that images of any range are shown to: they are brought into [0, 1] here and nowhere else.

    Parameters
    ----------
    classifier : trained.Classifier
        A trained classifier.
    """

    def __init__(self, classifier: trained.Classifier) -> None:
        self.classifier = classifier

    def read(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Read images.

        Parameters
        ----------
        images : np.ndarray
            Images (..., pixels). Values beyond [0, 1] are clipped, as they are when an image is shown.

        Returns
        -------
        read_as : np.ndarray
            The most probable class of each image (...), int.
        confidence : np.ndarray
            The probability of that class (...), float32.
        """
        flat = np.clip(images, 0, 1).reshape(-1, images.shape[-1])
        probabilities = self.classifier.encode(flat).reshape(*images.shape[:-1], -1)
        return probabilities.argmax(-1), probabilities.max(-1)

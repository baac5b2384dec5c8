"""The features by which a trained classifier tells classes apart: the values before its last layer."""

import numpy as np

from aelab.errors import LabError
from aelab.inference import trained


class Features:
    """A classifier without its last layer. Images of any range are brought into [0, 1], as for the judge.

    Parameters
    ----------
    classifier : trained.Classifier
        A trained classifier.

    Raises
    ------
    LabError
        If its last layer does not follow the one before it alone.
    """

    def __init__(self, classifier: trained.Classifier) -> None:
        *_, last = classifier.networks
        if "inputs" in classifier.networks[last][-1]:
            raise LabError("the judge's last layer takes values of other layers than the one before it.")
        shorter = {**classifier.networks, last: classifier.networks[last][:-1]}
        self.model = trained.Model({**classifier.description, "networks": shorter}, classifier.arrays, classifier.own)

    def of(self, images: np.ndarray) -> np.ndarray:
        """Return the features (n, d), float64, of images (n, pixels) as uint8 or with pixels in [0, 1]."""
        values = images if images.dtype == np.uint8 else np.clip(images, 0, 1)
        for network in self.model.networks:
            values = self.model.through(network, values)
        return values.reshape(len(values), -1).astype(np.float64)

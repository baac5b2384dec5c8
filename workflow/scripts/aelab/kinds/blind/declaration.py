"""What planning needs to know about denoisers for noise of an unknown amount."""

from aelab.errors import ConfigurationError
from aelab.kinds.declarations import Config, Entry
from aelab.kinds.dense import declaration as dense


class Declaration(dense.Declaration):
    """Dense layers to the code and back. The input is an image, the noise on it is drawn in training."""

    def sees_noise(self, entry: Entry) -> bool:
        """Return True: every image is noisy in training."""
        return True

    def check(self, entry: Entry, config: Config, where: str) -> None:
        """Check that the widths lead back to the input, and that the amounts are in order.

        The arguments are those of `aelab.kinds.declarations.Declaration.check`.

        Raises
        ------
        ConfigurationError
            If they do not.
        """
        super().check({**entry, "codes_of": None, "starts_from": None}, config, where)
        low, high = entry["amounts"]
        if low >= high:
            raise ConfigurationError(f"{where}.amounts", entry["amounts"], "the smallest amount, then the largest one")

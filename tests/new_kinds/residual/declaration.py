"""What planning needs to know about autoencoders with skip connections."""

from aelab.errors import ConfigurationError
from aelab.kinds import declarations
from aelab.kinds.declarations import Config, Entry


class Declaration(declarations.Declaration):
    """Dense layers with skip connections."""

    def code_size(self, entry: Entry, config: Config) -> int:
        """Return the length of the code."""
        return entry["numbers"]

    def operations(self, entry: Entry, config: Config) -> set[str]:
        """Return dense layers, their activations, and the layer at which a skip connection ends."""
        return {"Dense", entry["skip"], "linear", "relu", "sigmoid"}

    def check(self, entry: Entry, config: Config, where: str) -> None:
        """Check that the code is narrower than the layers about it."""
        if entry["numbers"] >= entry["width"]:
            raise ConfigurationError(
                f"{where}.numbers", entry["numbers"], f"allowed: less than width, {entry['width']}"
            )

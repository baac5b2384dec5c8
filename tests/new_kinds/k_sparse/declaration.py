"""What planning needs to know about k-sparse autoencoders."""

from aelab.errors import ConfigurationError
from aelab.kinds import declarations
from aelab.kinds.declarations import Config, Entry


class Declaration(declarations.Declaration):
    """A layer of units of which few are active, and a layer back."""

    def code_size(self, entry: Entry, config: Config) -> int:
        """Return the number of units, active or not."""
        return entry["units"]

    def operations(self, entry: Entry, config: Config) -> set[str]:
        """Return dense layers, the layer that keeps the largest units, and the activation of the output."""
        return {"Dense", "k_sparse.Largest", "linear", entry["output"]}

    def check(self, entry: Entry, config: Config, where: str) -> None:
        """Check that no more units stay than there are."""
        if entry["active"] > entry["units"]:
            raise ConfigurationError(f"{where}.active", entry["active"], f"allowed: at most units, {entry['units']}")

"""What planning needs to know about models that are assembled from dense models trained layer by layer."""

from aelab.errors import ConfigurationError
from aelab.kinds import declarations
from aelab.kinds.declarations import Config, Entry


class Declaration(declarations.Declaration):
    """A chain of dense models, each trained on the codes of the one before. The stack itself is not trained."""

    made_by = "stack_layers"

    def code_size(self, entry: Entry, config: Config) -> int:
        """Return the length of the last layer's code."""
        return declarations.code_size(config, entry["layers"][-1])

    def starts(self, entry: Entry) -> list[tuple[str, str]]:
        """Return the layers, each with the key that names it."""
        return [(f"layers.{n}", layer) for n, layer in enumerate(entry["layers"])]

    def operations(self, entry: Entry, config: Config) -> set[str]:
        """Return the operations of all layers of the stack."""
        layers = [config["models"][layer] for layer in entry["layers"]]
        return set().union(*(declarations.of(layer).operations(layer, config) for layer in layers))

    def widths(self, entry: Entry, config: Config) -> tuple[list[int], list[int]]:
        """Return the widths of the encoder's and of the decoder's layers, two lists."""
        layers = [config["models"][layer] for layer in entry["layers"]]
        layers = [declarations.of(layer).widths(layer, config) for layer in layers]
        return [w for encoder, _ in layers for w in encoder], [w for _, decoder in layers[::-1] for w in decoder]

    def check(self, entry: Entry, config: Config, where: str) -> None:
        """Check that each layer is a dense model on the codes of the one before, and that all share one split.

        The arguments are those of `aelab.kinds.declarations.Declaration.check`.

        Raises
        ------
        ConfigurationError
            If they do not.
        """
        for n, layer in enumerate(entry["layers"]):
            place, other = f"{where}.layers.{n}", config["models"][layer]
            if other["kind"] != "dense":
                raise ConfigurationError(place, f"{layer} of kind {other['kind']}", "allowed: models of kind dense")
            before = entry["layers"][n - 1] if n else None
            if other["codes_of"] != before:
                expected = f"a model with codes_of {before}" if n else "a model that works on images, without codes_of"
                raise ConfigurationError(place, f"{layer} with codes_of {other['codes_of']}", expected)
            if other["split"] != entry["split"]:
                raise ConfigurationError(
                    place, f"{layer} with the split {other['split']}", f"the split of the stack, {entry['split']}"
                )

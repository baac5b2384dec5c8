"""What planning asks of dense models that are trained layer by layer and put together."""

from aelab.errors import ConfigurationError
from aelab.kinds import declarations


class Declaration(declarations.Declaration):
    """A chain of dense models, each on the codes of the one before; put together, not trained itself."""

    made_by = "stack_layers"

    def code_size(self, entry, config):
        return declarations.code_size(config, entry["layers"][-1])

    def starts(self, entry):
        return [(f"layers.{n}", layer) for n, layer in enumerate(entry["layers"])]

    def widths(self, entry, config):
        """Widths of the encoder's and of the decoder's layers, two lists."""
        layers = [config["models"][layer] for layer in entry["layers"]]
        layers = [declarations.of(layer).widths(layer, config) for layer in layers]
        return [w for encoder, _ in layers for w in encoder], [w for _, decoder in layers[::-1] for w in decoder]

    def check(self, entry, config, where):
        """Each layer works on the codes of the one before, and all on the same images."""
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

"""What planning needs to know about classifiers that are built from a dense encoder."""

from aelab.errors import ConfigurationError
from aelab.kinds import declarations
from aelab.kinds.declarations import Config, Entry


class Declaration(declarations.Declaration):
    """Dense layers to a code, and one more to the classes. The code consists of the probabilities of the classes."""

    learns = "labels"

    def code_size(self, entry: Entry, config: Config) -> int:
        """Return the number of classes."""
        return len(declarations.dataset(entry, config).classes)

    def operations(self, entry: Entry, config: Config) -> set[str]:
        """Return the dense layers, their activations, and the softmax that turns logits into probabilities."""
        return {"Dense", "linear", "softmax", *entry["encoder"]["activations"]}

    def multiply_adds(self, entry: Entry, config: Config) -> float:
        """Estimate the multiply-add operations of all layers."""
        pixels = declarations.dataset(entry, config).pixels
        return declarations.of_dense_layers([pixels, *entry["encoder"]["widths"], self.code_size(entry, config)])

    def check(self, entry: Entry, config: Config, where: str) -> None:
        """Check that the model starts from one whose encoder has the same layers and works on images.

        The arguments are those of `aelab.kinds.declarations.Declaration.check`.

        Raises
        ------
        ConfigurationError
            If it does not.
        """
        if not entry["starts_from"]:
            return
        start = config["models"][entry["starts_from"]]
        of_start, widths = getattr(declarations.of(start), "widths", None), entry["encoder"]["widths"]
        if of_start is None or start.get("codes_of") or of_start(start, config)[0] != widths:
            raise ConfigurationError(
                f"{where}.starts_from",
                repr(entry["starts_from"]),
                f"a model of dense layers on images, with an encoder of widths {'-'.join(map(str, widths))}",
            )

"""What planning needs to know about classifiers that are built from an encoder."""

from aelab.errors import ConfigurationError
from aelab.kinds.classifier import declaration as classifier
from aelab.kinds.conv_plane import declaration as conv_plane
from aelab.kinds.declarations import Config, Entry


class Declaration(classifier.Declaration):
    """The blocks of a `conv_plane` model's encoder, followed by one dense layer."""

    def operations(self, entry: Entry, config: Config) -> set[str]:
        """Return the operations of the encoder's blocks, and those of the dense layer."""
        return conv_plane.of_blocks([entry["activation"]]) | {"Dense", "Flatten", "softmax"}

    def unfit(self, entry: Entry, shape: tuple[int, int]) -> str | None:
        """Return None: images of any size are padded, as in the model that the encoder comes from."""
        return None

    def check(self, entry: Entry, config: Config, where: str) -> None:
        """Check that the model starts from one with the same blocks, and that only a trained encoder is frozen.

        The arguments are those of `aelab.kinds.declarations.Declaration.check`.

        Raises
        ------
        ConfigurationError
            If `frozen` is set without `starts_from`, or the model that is named there is of another kind or has other
            filters or another activation.
        """
        if not entry["starts_from"]:
            if entry["frozen"]:
                raise ConfigurationError(f"{where}.frozen", "true", "false, or name the trained encoder in starts_from")
            return
        start = config["models"][entry["starts_from"]]
        same = start["kind"] == "conv_plane" and all(start[key] == entry[key] for key in ("filters", "activation"))
        if not same:
            raise ConfigurationError(
                f"{where}.starts_from",
                repr(entry["starts_from"]),
                "a model of kind conv_plane with the same filters and activation",
            )

"""What planning asks of classifiers that are made of an encoder."""

from aelab.errors import ConfigurationError
from aelab.kinds.classifier import declaration as classifier


class Declaration(classifier.Declaration):
    """The blocks of a `conv_plane` model's encoder, then one dense layer."""

    def check(self, entry, config, where):
        """It starts from a model with the same blocks, and freezes only what it was given."""
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

"""What planning needs to know about principal component analysis."""

from aelab.errors import ConfigurationError
from aelab.kinds import declarations
from aelab.kinds.declarations import Config, Entry


class Declaration(declarations.Declaration):
    """Principal component analysis as scikit-learn fits it, with at most as many components as training images."""

    made_by = "fit_pca"
    varies = False

    def operations(self, entry: Entry, config: Config) -> set[str]:
        """Return the two linear layers, and the clipping of reconstructions."""
        return {"Dense", "clip", "linear"}

    def unfit(self, entry: Entry, shape: tuple[int, int]) -> str | None:
        """Return what is allowed if there are more components than pixels."""
        pixels = shape[0] * shape[1]
        return f"allowed: a code_size of at most {pixels}" if entry["code_size"] > pixels else None

    def check(self, entry: Entry, config: Config, where: str) -> None:
        """Check that there are no more components than training images."""
        images = config["splits"][entry["split"]]["train"]
        if entry["code_size"] > images:
            raise ConfigurationError(
                f"{where}.code_size",
                entry["code_size"],
                f"allowed: at most {images}, the training images of {entry['split']}",
            )

"""What planning asks of principal component analysis."""

from aelab.errors import ConfigurationError
from aelab.kinds import declarations


class Declaration(declarations.Declaration):
    """Fitted by scikit-learn, no more components than training images."""

    made_by = "fit_pca"

    def check(self, entry, config, where):
        images = config["splits"][entry["split"]]["train"]
        if entry["code_size"] > images:
            raise ConfigurationError(
                f"{where}.code_size",
                entry["code_size"],
                f"allowed: at most {images}, the training images of {entry['split']}",
            )

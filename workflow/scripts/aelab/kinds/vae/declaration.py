"""What planning needs to know about fully connected variational autoencoders."""

from aelab.kinds import declarations
from aelab.kinds.declarations import Config, Entry


class Declaration(declarations.Declaration):
    """Hidden dense layers before and after the code. The layers that lead to the code and to the pixels are implied."""

    has_prior = True

    def operations(self, entry: Entry, config: Config) -> set[str]:
        """Return dense layers, their activations, and the sigmoid that turns logits into pixels."""
        activations = {*entry["encoder"]["activations"], *entry["decoder"]["activations"]}
        return {"Dense", "linear", "sigmoid", *activations}

    def multiply_adds(self, entry: Entry, config: Config) -> float:
        """Estimate the multiply-add operations of all layers."""
        size = declarations.input_size(entry, config)
        hidden = [*entry["encoder"]["widths"], entry["code_size"], *entry["decoder"]["widths"]]
        return declarations.of_dense_layers([size, *hidden, size])

    def measure(self, entry: Entry) -> str:
        """Return the negative ELBO, in nats per image."""
        return "test_negative_elbo"

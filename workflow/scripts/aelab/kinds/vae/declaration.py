"""What planning asks of fully connected variational autoencoders."""

from aelab.kinds import declarations


class Declaration(declarations.Declaration):
    """Hidden layers to the code and back; the layers to the code and to the pixels follow from the entry."""

    def multiply_adds(self, entry, config):
        size = declarations.input_size(entry, config)
        hidden = [*entry["encoder"]["widths"], entry["code_size"], *entry["decoder"]["widths"]]
        return declarations.of_dense_layers([size, *hidden, size])

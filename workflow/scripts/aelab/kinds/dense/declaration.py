"""What planning needs to know about fully connected autoencoders."""

from aelab.errors import ConfigurationError
from aelab.kinds import declarations
from aelab.kinds.declarations import Config, Entry


class Declaration(declarations.Declaration):
    """Dense layers to the code and back. The input is an image or the code of another model."""

    def code_size(self, entry: Entry, config: Config) -> int:
        """Return the last width of the encoder."""
        return entry["encoder"]["widths"][-1]

    def operations(self, entry: Entry, config: Config) -> set[str]:
        """Return the dense layers, in a tied decoder transposed ones, and their activations."""
        activations = {*entry["encoder"]["activations"], *entry["decoder"]["activations"]}
        return {"Dense", "linear", *activations} | ({"Transposed"} if entry.get("tied") else set())

    def multiply_adds(self, entry: Entry, config: Config) -> float:
        """Estimate the multiply-add operations of all layers."""
        first = declarations.input_size(entry, config)
        return declarations.of_dense_layers([first, *entry["encoder"]["widths"], *entry["decoder"]["widths"]])

    def widths(self, entry: Entry, config: Config) -> tuple[list[int], list[int]]:
        """Return the widths of the encoder's and of the decoder's layers, two lists."""
        return entry["encoder"]["widths"], entry["decoder"]["widths"]

    def check(self, entry: Entry, config: Config, where: str) -> None:
        """Check that the widths lead back to the input, and fit `tied` and the model in `starts_from`.

        The arguments are those of `aelab.kinds.declarations.Declaration.check`.

        Raises
        ------
        ConfigurationError
            If they do not.
        """
        encoder, decoder = self.widths(entry, config)
        first = declarations.input_size(entry, config)
        if decoder[-1] != first:
            what = f"the code of {entry['codes_of']}" if entry["codes_of"] else "an image"
            raise ConfigurationError(f"{where}.decoder.widths", decoder, f"the last one must be {first}, {what}")
        if entry.get("tied") and decoder != (mirrored := [*encoder[-2::-1], first]):
            raise ConfigurationError(
                f"{where}.decoder.widths", decoder, f"{mirrored}, the encoder's mirrored, with tied"
            )
        if entry["starts_from"]:
            self.check_start(entry, config, f"{where}.starts_from")

    def check_start(self, entry: Entry, config: Config, where: str) -> None:
        """Check that the model in `starts_from` consists of dense layers of the same widths.

        Parameters
        ----------
        entry : dict
            The model's entry.
        config : dict
            The complete configuration.
        where : str
            The key that names the other model, for error messages.

        Raises
        ------
        ConfigurationError
            If it does not.
        """
        start = config["models"][entry["starts_from"]]
        of_start = getattr(declarations.of(start), "widths", None)
        if of_start is None:
            fitting = [kind for kind in declarations.known() if hasattr(declarations.of_kind(kind), "widths")]
            raise ConfigurationError(
                where,
                f"{entry['starts_from']} of kind {start['kind']}",
                f"allowed: a model of kind {' or '.join(fitting)}",
            )
        own, found = self.widths(entry, config), of_start(start, config)
        if own != found:
            raise ConfigurationError(
                where, f"{entry['starts_from']} of widths {shown(found)}", f"a model of this one's widths, {shown(own)}"
            )


def shown(pair: tuple[list[int], list[int]]) -> str:
    """Return the widths of an encoder and a decoder as text, such as `50-2 and 64`."""
    return " and ".join("-".join(map(str, part)) for part in pair)

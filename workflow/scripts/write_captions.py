"""Write the captions of a study, with numbers filled in from what was measured.

Inputs: the metrics; the answers of the study; the claims. The texts are part of the spec.

Outputs: one reStructuredText file per figure, named after it, and `departures.rst`, which belongs to all figures of the
study.
"""

from pathlib import Path

from aelab.files.atomic import write_text
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs
from aelab.report.claims import NOT_IN_THIS_RUN, Quantities


def caption(texts: dict[str, str], figure: str, quantities: Quantities) -> str:
    """Fill in the caption of one figure.

    Parameters
    ----------
    texts : dict of str to str
        Captions with placeholders, by figure.
    figure : str
        Name of the figure.
    quantities : Quantities
        Measured values by name. One that was not measured is replaced by `NOT_IN_THIS_RUN`.

    Returns
    -------
    str
        The caption, ending in a line break.
    """
    return quantities.filled(texts[figure], NOT_IN_THIS_RUN) + "\n"


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        texts = spec["texts"]
        quantities = Quantities(
            read_table(snakemake.input.metrics, ["model", "seed"]),
            [read_table(path, ["answer", "value"]) for path in snakemake.input.answers],
            read_table(snakemake.input.claims, ["study", "verdict"]),
            spec["data"],
        )
        for path in snakemake.output:
            write_text(path, caption(texts, Path(path).stem, quantities))

"""Write a study's captions, their numbers filled in from what was measured.

In: metrics, the study's answers, the claims; the texts are part of the spec. Out: one
reStructuredText file a figure, named for it, and `departures.rst`, which is of all figures of a study.
"""

from pathlib import Path

from aelab.files.atomic import write_text
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs
from aelab.report.claims import Quantities

NOT_IN_THIS_RUN = "(not in this run)"


def caption(texts, figure, quantities):
    """One figure's caption."""
    return quantities.filled(texts[figure], NOT_IN_THIS_RUN) + "\n"


if "snakemake" in globals():
    with frame.job(snakemake):
        texts = specs.parse(snakemake.params.spec)["texts"]
        answers = snakemake.input.get("answers")
        quantities = Quantities(
            read_table(snakemake.input.metrics, ["model", "seed"]),
            read_table(answers[0], ["answer", "value"]) if answers else None,
            read_table(snakemake.input.claims, ["study", "verdict"]),
        )
        for path in snakemake.output:
            write_text(path, caption(texts, Path(path).stem, quantities))

"""Check every published claim against what was measured.

Inputs: the metrics, and the answers of every run of every study; the claims are part of the spec.

Outputs: `claims.csv`, the ledger, one row per claim: its study, its source with the place and how sure the number is,
what was published; for published models value, interval, number of seeds and verdict, for corrected ones the same, and
why.
"""

import pandas as pd

from aelab.files.atomic import write_table
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs
from aelab.report.claims import COLUMNS, Quantities, checked

if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        metrics = read_table(snakemake.input.metrics, ["model", "seed"])
        files, rows = iter(snakemake.input.answers), []
        for study in spec["studies"]:
            answers = [read_table(next(files), ["answer", "value"]) for _ in range(study["runs"])]
            quantities = Quantities(metrics, answers, data=study["data"])
            rows += [{"study": study["name"], **checked(claim, quantities)} for claim in study["claims"]]
        write_table(snakemake.output[0], pd.DataFrame(rows, columns=COLUMNS))

"""Check every published claim against what was measured.

Inputs: the metrics of all models; the answers of each study. The claims are part of the spec.

Outputs: `claims.csv`, one row per claim: study, claim, published value, measured values, verdict and reason.
"""

import pandas as pd

from aelab.files.atomic import write_table
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs
from aelab.report.claims import Quantities, checked

if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        metrics = read_table(snakemake.input.metrics, ["model", "seed"])
        rows = []
        for study, path in zip(spec["studies"], snakemake.input.answers, strict=True):
            quantities = Quantities(metrics, read_table(path, ["answer", "value"]), data=study["data"])
            rows += [{"study": study["name"], **checked(claim, quantities)} for claim in study["claims"]]
        columns = ["study", "claim", "published", "measured", "verdict", "why"]
        write_table(snakemake.output[0], pd.DataFrame(rows, columns=columns))

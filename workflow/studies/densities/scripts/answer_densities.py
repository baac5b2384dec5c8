"""Answer the questions of the study of densities with numbers.

Inputs: the table of `measure_generators`.

Outputs: `answers.csv`, one row (answer, value) per answer:

- `<set>.<metric>`, every number of the table;
- `rank.<metric>`, the rank of held-out images among all sets but the training images, 1 where nothing is better;
  `best.<metric>`, the best value of these other sets; `lead.<metric>`, how much better than that the held-out images
  are, negative where they are not; `metrics`, how many metrics there are, and `honest`, how many rank held-out images
  first;
- `<model>.mixture_over_gaussian`, by how many times the Fréchet distance of a mixture is smaller than that of one
  Gaussian; `<model>.mended`, which share of what a Gaussian is worse than held-out images a mixture mends;
  `<model>.mixture_over_prior`, the same ratio to the prior;
- `parzen_margin`, the least difference between the limit of a Parzen window and its value, over all sets.
"""

import numpy as np
import pandas as pd

from aelab.analysis.sample_metrics import HELD_OUT, METRICS, TRAINING, ranks
from aelab.files.atomic import write_table
from aelab.files.tables import read_table
from aelab.jobs import frame

Answers = dict[str, float]


def of_ranks(table: pd.DataFrame) -> Answers:
    """Return the rank of held-out images by each metric, and what it is compared with.

    Parameters
    ----------
    table : pd.DataFrame
        The table of `measure_generators`, by name.
    """
    found = {"metrics": len(METRICS), "generators": len(table) - 2}
    for name, metric in METRICS.items():
        rivals = table[name].drop(TRAINING)
        own, others, sign = rivals[HELD_OUT], rivals.drop(HELD_OUT), 1 if metric.higher else -1
        best = others.max() if metric.higher else others.min()
        found |= {
            f"rank.{name}": int(ranks(rivals.to_numpy(), metric.higher)[rivals.index.get_loc(HELD_OUT)]),
            f"best.{name}": best,
            f"lead.{name}": sign * (own - best),
        }
    return {**found, "honest": sum(found[f"rank.{name}"] == 1 for name in METRICS)}


def of_mixtures(table: pd.DataFrame) -> Answers:
    """Return what a mixture of Gaussians gains over one Gaussian and over a prior, for models that have both."""
    found, frechet = {}, table["frechet"]
    for model in table["model"].unique():
        ways = {way: f"{model}.{way}" for way in ("prior", "gaussian", "mixture") if f"{model}.{way}" in table.index}
        if "mixture" not in ways:
            continue
        for way in ways.keys() - {"mixture"}:
            found[f"{model}.mixture_over_{way}"] = frechet[ways[way]] / frechet[ways["mixture"]]
        if "gaussian" in ways:
            worse = frechet[ways["gaussian"]] - frechet[HELD_OUT]
            found[f"{model}.mended"] = (frechet[ways["gaussian"]] - frechet[ways["mixture"]]) / worse
    return dict(sorted(found.items()))


def answers(table: pd.DataFrame) -> Answers:
    """Return all answers by name.

    Parameters
    ----------
    table : pd.DataFrame
        The table of `measure_generators`.
    """
    numbers = table.drop(columns=["name", "way", "model"])
    named = {
        f"{name}.{column}": value
        for name, row in zip(table["name"], numbers.to_dict("records"), strict=True)
        for column, value in row.items()
    }
    by_name = table.set_index("name")
    margin = {"parzen_margin": (table["parzen_limit"] - table["parzen"]).min()}
    return {**named, **of_ranks(by_name), **of_mixtures(by_name), **margin}


if "snakemake" in globals():
    with frame.job(snakemake):
        table = read_table(snakemake.input[0], ["name", "way", "model", *METRICS], text=["name", "way", "model"])
        found = pd.DataFrame(answers(table).items(), columns=["answer", "value"]).astype({"value": np.float64})
        write_table(snakemake.output[0], found)

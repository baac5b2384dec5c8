"""Draw the KL divergence of each dimension of the code, and tabulate it with the other terms of the ELBO.

Inputs: the metrics of each model.

Outputs: one figure with one panel per model, dimensions by decreasing KL; and a table with one row per model:
cross-entropy, KL and negative ELBO (nats per image, test set), active units, and the KL of each dimension in the order
of the code.
"""

import numpy as np
import pandas as pd

from aelab.files.atomic import write_table
from aelab.files.tables import read_metrics
from aelab.jobs import frame
from aelab.plan import specs
from aelab.report import figures

TERMS = ("test_cross_entropy", "test_kl", "test_negative_elbo", "active_units")


def by_dimension(metrics: dict) -> np.ndarray:
    """Return the KL of each dimension (k,), in nats, in the order of the code."""
    return np.array([metrics[f"kl_{n}"] for n in range(1, metrics["code_size"] + 1)])


def draw(members: list[dict], metrics: list[dict]) -> figures.plt.Figure:
    """Draw the KL of each dimension, one panel per model.

    Parameters
    ----------
    members : list of dict
        The models of the study, with their `name` and `group`.
    metrics : list of dict
        The metrics of each model, in the same order.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    figure, axes = figures.plt.subplots(1, len(members), figsize=(3.9 * len(members), 3.6), sharey=True, squeeze=False)
    for one, member, each in zip(axes[0], members, metrics, strict=True):
        divergence = np.sort(by_dimension(each))[::-1]
        one.bar(range(1, len(divergence) + 1), divergence, color=figures.GROUP_COLOURS[member["group"]])
        one.set_title(
            f"{member['name']}: {each['test_negative_elbo']:.1f} nats =\n"
            f"{each['test_cross_entropy']:.1f} cross-entropy + {each['test_kl']:.1f} KL,\n"
            f"{each['active_units']} of {len(divergence)} units active",
            fontsize=9,
        )
        one.set_xlabel("dimension of the code, by falling KL")
        one.xaxis.get_major_locator().set_params(integer=True)
    axes[0, 0].set_ylabel("KL to the prior (nats an image)")
    figures.headline(figure, "What each dimension of the code says about an image", x=0.01, ha="left")
    return figure


if "snakemake" in globals():
    with frame.job(snakemake):
        members = specs.parse(snakemake.params.spec)["members"]
        metrics = [read_metrics(path) for path in snakemake.input.metrics]
        figures.save(draw(members, metrics), snakemake.output.figure)
        rows = [
            {"model": member["name"]}
            | {term: each[term] for term in TERMS}
            | {f"kl_{n}": value for n, value in enumerate(by_dimension(each), 1)}
            for member, each in zip(members, metrics, strict=True)
        ]
        write_table(snakemake.output.table, pd.DataFrame(rows))

"""How long jobs are expected to take, from what a run of the default configuration took.

`durations.json` holds the seconds of each job of such a run, by the job's name without its seed, and the work of each
training (`aelab.plan.effort`). `make durations` writes it. Another machine is faster or slower: whoever uses these
seconds compares them with those that are measured, as the board does. They decide nothing about a result.
"""

import json
import re
import statistics
from collections.abc import Iterable
from pathlib import Path
from typing import Any

TABLE = Path(__file__).with_name("durations.json")
PREFIX = "results/timings/"


def name_of(benchmark: str) -> str:
    """Return the name of a job without its seed, such as `train_model/dense_2`, from the path of its timings."""
    name = benchmark[benchmark.find(PREFIX) + len(PREFIX) :] if PREFIX in benchmark else benchmark
    return re.sub(r"/seed-\d+", "", name.removesuffix(".tsv"))


class Durations:
    """What jobs are expected to take.

    Parameters
    ----------
    table : dict
        `seconds` and, for trainings, `work` and `kind`, by the name of the job.
    """

    def __init__(self, table: dict[str, dict[str, Any]] | None = None) -> None:
        self.table = json.loads(TABLE.read_text(encoding="utf-8")) if table is None else table
        self.rules: dict[str, list[float]] = {}
        self.rates: dict[str, list[float]] = {}
        for name, measured in self.table.items():
            if measured.get("work"):
                self.rates.setdefault(measured["kind"], []).append(measured["seconds"] / measured["work"])
            else:
                self.rules.setdefault(name.partition("/")[0], []).append(measured["seconds"])

    def seconds(self, name: str, work: float = 0.0, kind: str | None = None) -> float:
        """Return how long a job is expected to take.

        Parameters
        ----------
        name : str
            The name of the job (`name_of`).
        work : float
            The work of a training (`aelab.plan.effort.work`), 0 for other jobs.
        kind : str, optional
            The kind of the model that is trained.

        Returns
        -------
        float
            The seconds of the job of this name, or the median of jobs of its rule. Trainings are compared by seconds
            per unit of work: those of the model of this name, or the median of models of its kind, or of all.
        """
        measured = self.table.get(name)
        if work:
            if measured and measured.get("work"):
                return measured["seconds"] * work / measured["work"]
            return work * middle(self.rates.get(kind) or everything(self.rates))
        if measured and not measured.get("work"):
            return measured["seconds"]
        return middle(self.rules.get(name.partition("/")[0]) or everything(self.rules))


def everything(groups: dict[str, list[float]]) -> list[float]:
    """Return the values of all groups."""
    return [value for values in groups.values() for value in values]


def middle(values: Iterable[float]) -> float:
    """Return the median of values, 1 if there are none."""
    values = list(values)
    return statistics.median(values) if values else 1.0

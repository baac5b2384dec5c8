"""Repeated measurements: each study is measured once for every seed of its models.

A run of a study measures every model as trained with the n-th of its seeds, on the draw of the noise that belongs to
that seed. Figures show the first run; the verdicts on claims rest on all of them.
"""

import itertools
from collections.abc import Callable, Iterable
from typing import Any

from aelab.kinds import declarations
from aelab.kinds.declarations import Config
from aelab.plan.entries import upstream
from aelab.plan.results import Results

Wildcards = Any  # of a job: an object with one attribute per wildcard


def repeat(config: Config) -> None:
    """Give every model the number of seeds that `repetitions` asks for, by the smallest ones that it does not have.

    A judge measures and stays the one that it is; a model that comes out the same with every seed has one, unless
    others start from it.

    Parameters
    ----------
    config : dict
        The configuration with every model's entry complete. Its models are changed in place.
    """
    if not config["repetitions"]:
        return
    judge = config["judge"]
    judging = set(judge.values() if isinstance(judge, dict) else [judge])
    needed = {before for entry in config["models"].values() for _, before in upstream(entry)}
    for name, entry in config["models"].items():
        if name not in judging and (declarations.of(entry).varies or name in needed):
            others = (seed for seed in itertools.count(1) if seed not in entry["seeds"])
            missing = config["repetitions"] - len(entry["seeds"])
            entry["seeds"] = [*entry["seeds"], *itertools.islice(others, max(missing, 0))]


class Repetitions(Results):
    """The results of one configuration, with the runs of its studies."""

    def study_runs(self, study: str) -> list[int]:
        """Return the numbers of a study's runs, from 1: as many as each of its models has seeds.

        Run n measures every model as trained with the n-th of its seeds. Models that come out the same with every seed
        take part in all runs.
        """
        return list(range(1, 1 + min((len(self.models[name]["seeds"]) for name in self.varying(study)), default=1)))

    def varying(self, study: str) -> list[str]:
        """Return the models of a study that come out different with another seed."""
        return [name for name in self.members_of(study) if declarations.of(self.models[name]).varies]

    def seed(self, model: str, run: int | str) -> int:
        """Return the seed of a model in a run of a study."""
        seeds = self.models[model]["seeds"]
        return seeds[int(run) - 1] if declarations.of(self.models[model]).varies else seeds[0]

    def draw(self, study: str, run: int | str) -> int:
        """Return which draw of a corruption a run of a study uses: that of its models' seed."""
        return self.seed(next(iter(self.varying(study)), self.members_of(study)[0]), run)

    def of_run(self, members: Iterable[dict[str, Any]], file: str) -> Callable[[Wildcards], list[str]]:
        """Return the input function for one file of each member in a run of the study, in the order of the members.

        Parameters
        ----------
        members : iterable of dict
            Members of a study, with at least `name` (see `Plan.members`).
        file : str
            The name of the file, such as `weights.npz`.
        """
        names = [member["name"] for member in members]
        return lambda wildcards: [f"{self.folder(name, self.seed(name, wildcards.run))}/{file}" for name in names]

    def corrupted(self, study: str, corruption: str, part: str) -> Callable[[Wildcards], str]:
        """Return the input function for the corrupted images of one part, on the draw that a run of the study uses."""
        return lambda wildcards: self.corrupted_of_run(study, corruption, part, wildcards.run)

    def corrupted_of_run(self, study: str, corruption: str, part: str, run: int | str = 1) -> str:
        """Return the corrupted images of one part of a study's data set in a run of the study."""
        return self.corrupted_file(self.dataset_of(study), corruption, self.draw(study, run), part)

    def wiener_file(self, study: str, corruption: str) -> Callable[[Wildcards], str]:
        """Return the input function for the Wiener filter's errors on a corruption in a run of a study.

        The filter is fitted on the split of the study's first model.
        """
        split = self.models[self.members_of(study)[0]]["split"]
        return lambda wildcards: f"results/data/wiener/{split}/{corruption}/draw-{self.draw(study, wildcards.run)}.csv"

    def answer_files(self, study: str) -> list[str]:
        """Return the answers of every run of a study; an empty list for `all_studies`."""
        if study not in self.studies:
            return []
        return [f"results/studies/{study}/run-{run}/answers.csv" for run in self.study_runs(study)]

    def example_inputs(self, study: str) -> dict[str, str]:
        """Return the corrupted test images that a study's examples need, by the name `corrupted`; empty if none."""
        corruption = self.studies[study]["examples"]["corruption"]
        return {"corrupted": self.corrupted_of_run(study, corruption, "test")} if corruption else {}

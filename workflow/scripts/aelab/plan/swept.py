"""What is shown of each sweep: the measure of its kind of model against the keys that it varies."""

import json
from typing import Any

from aelab.kinds import declarations
from aelab.plan.plan import Plan
from aelab.plan.results import captions
from aelab.plan.sweeps import combinations

# Keys of an entry that decide what its loss on validation images measures: losses of models that differ in one of them
# are not compared.
JUDGED_BY = ("kind", "loss", "split", "codes_of", "corruption", "contractive_weight", "log_epsilon")

# What a sweep without keys varies.
SEED = "seed"


class Swept:
    """The sweeps of a plan.

    Parameters
    ----------
    plan : Plan
        The plan.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    def results(self) -> list[str]:
        """Return the table, the figure, the caption and the page of every sweep."""
        kinds = ("sweeps/{}.csv", "sweeps/{}.png", "captions/sweeps/{}.rst", "page/sweeps/{}.html")
        return [f"results/{kind.format(sweep)}" for sweep in self.plan.sweeps for kind in kinds]

    def files(self, sweep: str, file: str) -> list[str]:
        """Return one file of every training of a sweep, such as `metrics.json`, in the order of its points."""
        models = self.plan.sweeps[sweep]["models"]
        return [f"{self.plan.folder(name, seed)}/{file}" for name in models for seed in self.plan.models[name]["seeds"]]

    def points(self, sweep: str) -> list[dict[str, Any]]:
        """Return the points of a sweep.

        A sweep without keys has one point for each seed.

        Returns
        -------
        list of dict
            `model`, its `seeds`, and the `values` of the swept keys as text, in the order of the keys.
        """
        settings = self.plan.sweeps[sweep]
        if not settings["grid"]:
            (model,) = settings["models"]
            seeds = self.plan.models[model]["seeds"]
            return [{"model": model, "seeds": [seed], "values": [str(seed)]} for seed in seeds]
        return [
            {"model": model, "seeds": self.plan.models[model]["seeds"], "values": list(map(text, values.values()))}
            for model, values in zip(settings["models"], combinations(settings["grid"]), strict=True)
        ]

    def keys(self, sweep: str) -> list[str]:
        """Return the keys that a sweep varies, in alphabetical order; `seed` for a sweep without keys."""
        return sorted(map(str, self.plan.sweeps[sweep]["grid"])) or [SEED]

    def measure(self, sweep: str) -> str:
        """Return the metric by which the models of a sweep are compared (`Declaration.measure`).

        Models that differ in it, because the sweep varies whether they see noise, are compared by the error of their
        reconstructions.
        """
        entries = [self.plan.models[name] for name in self.plan.sweeps[sweep]["models"]]
        first, *others = sorted({declarations.of(entry).measure(entry) for entry in entries})
        return "test_mse" if others else first

    def judged(self, sweep: str) -> str:
        """Return how the best point of a sweep is chosen.

        Returns
        -------
        str
            `validation`: by the loss on validation images. `nothing`: no point is the best, because there are models
            whose loss on validation images is not known. `incomparable`: nor here, because the losses of its models
            measure different things.
        """
        entries = [self.plan.models[name] for name in self.plan.sweeps[sweep]["models"]]
        if any(entry.get("watch") != "validation" for entry in entries):
            return "nothing"
        first, *others = ({key: entry.get(key) for key in JUDGED_BY} for entry in entries)
        return "validation" if all(other == first for other in others) else "incomparable"

    # -- settings that scripts read ----------------------------------------------------------------

    def tabulating(self, sweep: str) -> dict[str, Any]:
        """Return the settings of `tabulate_sweep`."""
        return {
            "keys": self.keys(sweep),
            "points": self.points(sweep),
            "measure": self.measure(sweep),
            "judged": self.judged(sweep),
        }

    def plotting(self, sweep: str) -> dict[str, Any]:
        """Return the settings of `plot_sweep`: the values of each key in order, as text, and what is measured."""
        grid = self.plan.sweeps[sweep]["grid"]
        values = {str(key): list(dict.fromkeys(map(text, choices))) for key, choices in grid.items()}
        numbers = [str(key) for key, choices in grid.items() if all(map(is_number, choices))]
        if not grid:
            values, numbers = {SEED: [point["values"][0] for point in self.points(sweep)]}, []
        return {"name": sweep, "keys": values, "numbers": sorted(numbers), "measure": self.measure(sweep)}

    def captioning(self, sweep: str) -> dict[str, Any]:
        """Return the settings of `write_sweep_caption`."""
        base, grid, texts = self.plan.sweeps[sweep]["base"], self.plan.sweeps[sweep]["grid"], captions("sweeps")
        return {
            "text": f"{texts['sweep' if grid else 'seeds']} {texts[self.judged(sweep)]}",
            "base": base,
            "keys": self.keys(sweep),
            "measure": self.measure(sweep),
        }


def text(value: object) -> str:
    """Return a value of the configuration as text: JSON, but text without quotes."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def is_number(value: object) -> bool:
    """Return whether a value of the configuration is a number."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)

"""What the page of results shows: its files, and the models that its instruments apply."""

import hashlib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from aelab.kinds import declarations
from aelab.plan import strict_yaml
from aelab.plan.dependencies import own_operations
from aelab.plan.plan import Plan, claims
from aelab.plan.results import WORKFLOW

TEMPLATES = WORKFLOW / "page"


@cache
def templates(folder: Path = TEMPLATES) -> dict[str, str]:
    """Return the SHA-256 of each template by its path below the folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def assets(folder: Path = TEMPLATES) -> list[str]:
    """Return the names of the files that pages load: style sheet and scripts."""
    return [file.removeprefix("assets/") for file in templates(folder) if file.startswith("assets/")]


def instruments(folder: Path = TEMPLATES) -> list[str]:
    """Return the names of the instruments, each of which has a template of its own."""
    found = [file.removeprefix("instruments/") for file in templates(folder) if file.startswith("instruments/")]
    return [file.removesuffix(".html") for file in found]


class Pages:
    """The page of the results of a plan.

    Parameters
    ----------
    plan : Plan
        The plan.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        foreign = own_operations(plan.config)
        members = {}
        for study in plan.studies:
            for member in plan.members(study):
                known = members.setdefault(member["name"], {**member, "studies": []})
                known["studies"].append(study)
        # The models that work on images, and consist of layers that the page can apply.
        self.models = {
            name: member
            for name, member in members.items()
            if not plan.models[name].get("codes_of") and name not in foreign
        }

    def plane(self, model: str) -> bool:
        """Return whether a model has codes of two numbers."""
        return self.plan.code_size(model) == 2

    def denoises(self, model: str) -> bool:
        """Return whether a model was trained on noisy images, or consists of layers that were."""
        entry = self.plan.models[model]
        if declarations.of(entry).made_by == "train_model":
            return declarations.of(entry).sees_noise(entry) and not entry.get("codes_of")
        return any(self.denoises(before) for _, before in declarations.of(entry).starts(entry))

    def benches(self) -> list[dict[str, Any]]:
        """Return, for each study of noisy images, the noise and the models to compare on it."""
        found = []
        for study, settings in self.plan.studies.items():
            noise = settings.get("corruption")
            if noise:
                split = self.plan.models[self.plan.members_of(study)[0]]["split"]
                members = [member for member in self.plan.members(study) if member["name"] in self.models]
                # Of the baselines the linear ones alone: the bench loads all its models at once.
                denoisers = [member["name"] for member in members if member["group"] != "baselines"]
                linear = [each["name"] for each in members if self.plan.models[each["name"]]["kind"] == "pca"]
                found.append(
                    {
                        "study": study,
                        "noise": {"name": noise, **self.plan.corruptions[noise]},
                        "models": [name for name in denoisers if self.denoises(name)] + linear,
                        "wiener": f"{split}-{noise}-{self.plan.draw(study, 1)}",
                    }
                )
        return found

    def datasets(self) -> list[str]:
        """Return the names of the data sets of the models."""
        return sorted({self.plan.dataset(name).name for name in self.models})

    def judges(self) -> list[str]:
        """Return the judges of these data sets that the page can apply."""
        foreign = own_operations(self.plan.config)
        return [judge for name in self.datasets() if (judge := self.plan.judges[name]) not in foreign]

    # -- files -------------------------------------------------------------------------------------

    def files(self) -> list[str]:
        """Return all files of the page."""
        wiener = {bench["wiener"] for bench in self.benches()}
        return [
            "results/index.html",
            *(f"results/page/assets/{name}" for name in assets()),
            *(f"results/page/{name}.html" for name in instruments()),
            *(f"results/page/studies/{study}.html" for study in self.plan.studies),
            *(f"results/page/models/{name}.js" for name in sorted({*self.models, *self.judges()})),
            *(f"results/page/planes/{name}.js" for name in sorted(self.models) if self.plane(name)),
            *(f"results/page/images/{name}.js" for name in self.datasets()),
            *(f"results/page/wiener/{name.replace('-', '/')}.js" for name in sorted(wiener)),
        ]

    def tables(self, study: str, results: list[str]) -> list[str]:
        """Return the tables among the results of a study."""
        return [file for file in results if file.endswith(".csv")] + [f"results/studies/{study}/answers.csv"]

    # -- settings that scripts read ----------------------------------------------------------------

    def frame(self) -> dict[str, Any]:
        """Return the settings that all pages share: the digests of the templates, and the studies."""
        studies = [{"name": study, "question": question(study)} for study in self.plan.studies]
        return {"templates": templates(), "studies": studies}

    def index(self, results: Mapping[str, Iterable[str]]) -> dict[str, Any]:
        """Return the settings of `write_index`.

        Parameters
        ----------
        results : mapping of str to iterable of str
            The results of each study.
        """
        return {
            **self.frame(),
            "claims": {study: self.claims(study, files) for study, files in results.items()},
            "data": [self.plan.datasets[name].quantities for name in self.datasets()],
            "sweeps": [{"name": sweep, "models": len(own["models"])} for sweep, own in self.plan.sweeps.items()],
        }

    def sweep(self, sweep: str) -> dict[str, Any]:
        """Return the settings of `write_sweep_page`."""
        return {**self.frame(), "sweep": sweep}

    def study(self, study: str, results: Iterable[str]) -> dict[str, Any]:
        """Return the settings of `write_study_page` for a study with these results."""
        groups: dict[str, list[dict[str, str]]] = {}
        for member in self.plan.members(study):
            shown = {"name": member["name"], "description": self.plan.models[member["name"]]["description"]}
            groups.setdefault(member["group"], []).append(shown)
        others = self.claimed(study) - {member["name"] for member in self.plan.members(study)}
        if others:
            groups["others"] = [
                {"name": name, "description": self.plan.models[name]["description"]} for name in sorted(others)
            ]
        return {
            **self.frame(),
            "study": study,
            "question": question(study),
            "groups": groups,
            "claims": self.claims(study, results),
        }

    def claimed(self, study: str) -> set[str]:
        """Return the names of the models of this run whose metrics the claims of a study are about."""
        checks = [each for claim in claims(study) for key in ("checks", "corrected") for each in claim.get(key, [])]
        named = {check["value"].split(".")[1] for check in checks if check["value"].startswith("metrics.")}
        return named & self.plan.models.keys()

    def claims(self, study: str, results: Iterable[str]) -> list[dict[str, Any]]:
        """Return where each claim of a study leads to on the study's page.

        Returns
        -------
        list of dict
            In the order of the claims: `figure`, the name of a figure, or None if this run has none; `published` and
            `corrected`, the places of the quantities that are checked, None for models that this run does not have.
        """
        figures = [Path(file).stem for file in results if file.endswith(".png")]
        models = self.claimed(study)

        def place(quantity: str) -> str | None:
            source, _, name = quantity.partition(".")
            model = name.partition(".")[0]
            if source == "metrics":
                return f"model-{model}" if model in models else None
            return f"answer-{name}"

        return [
            {
                "figure": figure_of(claim.get("figure"), figures),
                "published": [place(check["value"]) for check in claim.get("checks", [])],
                "corrected": [place(check["value"]) for check in claim.get("corrected", [])],
            }
            for claim in claims(study)
        ]

    def instrument(self) -> dict[str, Any]:
        """Return the settings of `write_instruments`: the models, data sets and kinds of noise that they work on."""
        models = [
            {
                "name": name,
                "description": member["description"],
                "group": member["group"],
                "studies": member["studies"],
                "dataset": self.plan.dataset(name).name,
                "code_size": self.plan.code_size(name),
                "denoises": self.denoises(name),
            }
            for name, member in self.models.items()
        ]
        judges = {name: self.plan.judges[name] for name in self.datasets() if self.plan.judges[name] in self.judges()}
        datasets = {name: {**self.plan.datasets[name].shown, "judge": judges.get(name)} for name in self.datasets()}
        return {**self.frame(), "models": models, "datasets": datasets, "benches": self.benches()}


def figure_of(name: str | None, figures: Iterable[str]) -> str | None:
    """Return the first figure of this name, or whose name begins with these words, if there is one."""
    return next((each for each in figures if name and f"{each}_".startswith(f"{name}_")), None)


@cache
def question(study: str) -> str:
    """Return what a study asks: the description in its `schema.yaml`."""
    return strict_yaml.parse_yaml(WORKFLOW / "studies" / study / "schema.yaml")["description"]

"""What each job depends on: its inputs and the settings that its script reads.

The rules use this module. A rule's parameter `spec` holds the settings that its script reads. After all rules have been
read, `rules/specs.smk` turns it into one line of canonical JSON, which also holds the digests of the script's code and
of the rule's environment, and says which file is which input or output.
"""

from collections.abc import Iterable
from functools import cache, cached_property
from typing import Any

from aelab.kinds import declarations
from aelab.kinds.declarations import Entry
from aelab.plan import effort, entries, specs, strict_yaml
from aelab.plan.repetitions import Repetitions
from aelab.plan.results import WORKFLOW, captions
from aelab.plan.studies import GROUPS, LAYERS

# Keys of a model's entry that its training does not read.
NOT_TRAINED = ("description", "evaluation", "recipe", "seeds")


@cache
def claims(study: str) -> list[dict[str, Any]]:
    """Return the published claims of a study: the content of its `claims.yaml`."""
    return strict_yaml.parse_yaml(WORKFLOW / "studies" / study / "claims.yaml")


def select(members: Iterable[dict[str, Any]], *keys: str) -> list[dict[str, Any]]:
    """Reduce each member of a study to the keys that a script reads; return them in the same order.

    Parameters
    ----------
    members : iterable of dict
        The members, as `Plan.members` returns them.
    *keys : str
        The keys to keep.
    """
    return [{key: member[key] for key in keys} for member in members]


class Plan(Repetitions):
    """The jobs of one checked configuration."""

    @cached_property
    def priorities(self) -> dict[str, int]:
        """The priority of each model's training for Snakemake's scheduler: the longest chains start first."""
        return effort.priorities(self.config)

    @cached_property
    def minutes(self) -> dict[str, int]:
        """How many minutes each model's training may take on a cluster."""
        return {model: effort.minutes(self.config, model) for model in self.models}

    @property
    def first(self) -> int:
        """A priority above that of every training, for jobs whose results trainings need."""
        return 1 + max(self.priorities.values())

    # -- settings that scripts read ----------------------------------------------------------------

    @property
    def tensorflow(self) -> str:
        """The environment of jobs that use TensorFlow: its file below `envs`, without the ending."""
        return "tensorflow-gpu" if self.config["accelerator"] == "gpu" else "tensorflow"

    def entry(self, model: str) -> Entry:
        """Return what a trained model is and how it is trained.

        Parameters
        ----------
        model : str
            The name of the model.

        Returns
        -------
        dict
            The model's entry without the keys that have no effect on training, with the settings of its corruption in
            place of the corruption's name, and with `image_shape` (rows, columns). Classifiers also have `classes`,
            their number; models that work on codes have `input_size`, the length of a code.
        """
        entry = {key: value for key, value in self.models[model].items() if key not in NOT_TRAINED}
        if not entry.get("may_collapse"):
            entry.pop("may_collapse", None)
        if "optimizer" in entry:
            entry["optimizer"] = with_effect(
                entry["optimizer"],
                weight_decay=("kind", "adamw"),
                warm_up=("schedule", "one_cycle"),
                epsilon=("kind", "adam", "adamw", "rmsprop"),
            )
        drawn = entry.pop("drawn", None)
        if entry.get("corruption"):
            corruption = {"name": entry["corruption"], **self.corruptions[entry["corruption"]], "drawn": drawn}
            entry["corruption"] = with_effect(corruption, name=("drawn", "once"), seed=("drawn", "once"))
        entry["image_shape"] = self.dataset(model).shape
        if entries.learns_labels(entry):
            entry["classes"] = len(self.dataset(model).classes)
        if entry.get("codes_of"):
            entry["input_size"] = entries.code_size(self.config, entry["codes_of"])
        return entry

    def fetching(self, name: str) -> dict[str, Any]:
        """Return the settings of `fetch_dataset` or `make_dataset`: what the files must hold.

        If the digests of the files are known beforehand, the files are the same whatever code and environment fetch
        them: `code` and `environment` are then empty.
        """
        dataset = self.datasets[name]
        described = {
            "kind": dataset.kind,
            "shape": dataset.shape,
            **dataset.images,
            "classes": dataset.classes,
            "origin": dataset.origin,
        }
        if dataset.pinned:
            return {"dataset": {**described, "files": dataset.pinned}, "code": {}, "environment": None}
        return {"dataset": described}

    def source(self, name: str) -> str:
        """Return where a data set comes from, as canonical JSON. It is in no spec: the files are the same."""
        return specs.canonical(self.datasets[name].source)

    @property
    def gpus(self) -> int:
        """The number of GPUs that a training asks for: 1 if the profile asks for GPUs, else 0."""
        return 1 if self.config["accelerator"] == "gpu" else 0

    def corrupting(self, corruption: str, draw: int | str, part: str) -> dict[str, Any]:
        """Return the settings of `corrupt_images` for one draw and the part `train` or `test`."""
        return {"name": corruption, "draw": int(draw), "part": part, "settings": self.corruptions[corruption]}

    def training(self, model: str, seed: int | str) -> dict[str, Any]:
        """Return the settings of `train_model`; the seed may be a wildcard's text."""
        return {"model": model, "seed": int(seed), "entry": self.entry(model)}

    def evaluation(self, model: str, seed: int | str) -> dict[str, Any]:
        """Return the settings of `evaluate_model`; the seed may be a wildcard's text."""
        return {"model": model, "seed": int(seed), "classes": len(self.dataset(model).classes)}

    def members(self, study: str, groups: Iterable[str] = GROUPS) -> list[dict[str, Any]]:
        """Return the models of a study.

        Parameters
        ----------
        study : str
            The name of the study.
        groups : iterable of str
            The groups to include; the study need not have them all.

        Returns
        -------
        list of dict
            `name`, `group`, `seed` (the first of the model's seeds), `description` and `entry` (see `Plan.entry`) of
            each model, group by group, within a group in the order of the configuration.
        """
        settings = self.studies[study]
        return [
            {
                "name": model,
                "group": group,
                "seed": self.models[model]["seeds"][0],
                "description": self.models[model]["description"],
                "entry": self.entry(model),
            }
            for group in groups
            for model in settings.get(group, [])
        ]

    def settings(self, study: str, *keys: str, **others: object) -> dict[str, Any]:
        """Return the settings of a study that a script reads.

        Parameters
        ----------
        study : str
            The name of the study.
        *keys : str
            Keys of the study in the configuration.
        **others : object
            Further settings, by name.

        """
        return {**{key: self.studies[study][key] for key in keys}, **others}

    def curves(self, study: str, groups: Iterable[str] = (*GROUPS, LAYERS)) -> list[dict[str, Any]]:
        """Return what the training curves of a study show.

        Parameters
        ----------
        study : str
            The name of the study.
        groups : iterable of str
            The groups of models to include.

        Returns
        -------
        list of dict
            For each model that is trained by gradient descent: `name`, `seed`, `loss` (`labels` for classifiers),
            `watch` and `on` (`images` or `codes`).
        """
        return [
            {
                "name": member["name"],
                "seed": member["seed"],
                "loss": member["entry"].get("loss", "labels"),
                "watch": member["entry"]["watch"],
                "on": "codes" if member["entry"].get("codes_of") else "images",
            }
            for member in self.members(study, groups)
            if member["entry"].get("epochs")
        ]

    def updates(self, model: str) -> int:
        """Count the updates that a model's weights have been through.

        Its own training counts, and so do those of the models that it starts from or is assembled from. A model that is
        not trained by gradient descent has no updates of its own.
        """
        entry = self.models[model]
        before = [start for _, start in declarations.of(entry).starts(entry)]
        steps = 0
        if entry.get("epochs"):
            train = self.splits[entry["split"]]["train"]
            steps = entry["updates"] or -(-train // min(entry["batch_size"], train)) * entry["epochs"]
        return steps + sum(self.updates(name) for name in before)

    def claiming(self) -> dict[str, Any]:
        """Return the settings of `check_claims`: the claims of every study, in order."""
        studies = [
            {
                "name": study,
                "runs": len(self.study_runs(study)),
                "claims": [{key: value for key, value in claim.items() if key != "figure"} for claim in claims(study)],
                "data": self.dataset_of(study).quantities,
            }
            for study in self.studies
        ]
        return {"studies": studies}

    def captioning(self, study: str) -> dict[str, Any]:
        """Return the settings of `write_captions` for a study or for `all_studies`."""
        data = self.dataset_of(study).quantities if study in self.studies else None
        return {"texts": captions(study), "data": data}

    def searching(self, search: str) -> dict[str, Any]:
        """Return the settings of `choose_settings`: the grid, and the models at its points with their seeds."""
        settings = self.searches[search]
        points = [{"model": name, "seeds": self.models[name]["seeds"]} for name in settings["models"]]
        return {"grid": settings["grid"], "points": points}

    def splitting(self, split: str, whole: bool = True) -> dict[str, Any]:
        """Return the settings of `make_split`.

        Parameters
        ----------
        split : str
            The name of the split.
        whole : bool
            False for the part of the split that training reads, which is everything but the test images.
        """
        settings = with_effect(self.splits[split], seed=("kind", "permutation"), start=("kind", "in_order"))
        settings["images"] = self.datasets[settings.pop("dataset")].images["train"]
        if not whole:
            del settings["test"]
        return {"split": settings}

    def collecting(self) -> dict[str, Any]:
        """Return the settings of `collect_metrics`: the runs in order, with what the table says about each."""
        shown = ("kind", "recipe", "description", "precision")
        return {
            "runs": [
                {"model": model, "seed": seed, **{key: self.models[model].get(key) for key in shown}}
                for model, seed in self.runs()
            ]
        }


def with_effect(settings: dict[str, Any], **conditions: tuple[str, ...]) -> dict[str, Any]:
    """Leave out the settings that have no effect.

    Parameters
    ----------
    settings : dict
        The settings. They are not changed.
    **conditions : tuple of str
        For a key that is not always read: another key, and the values of which it must have one for the first key to be
        read.

    Returns
    -------
    dict
        The settings without the keys whose condition is not met.
    """
    return {
        key: value
        for key, value in settings.items()
        if key not in conditions or settings[conditions[key][0]] in conditions[key][1:]
    }

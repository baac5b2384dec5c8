"""Which files the workflow makes, and which of them a job reads."""

import posixpath
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

from aelab.data.files_of import FILES
from aelab.errors import LabError
from aelab.kinds import declarations
from aelab.kinds.declarations import Config, Entry
from aelab.plan import entries, explanations, strict_yaml
from aelab.plan.dataset import Dataset

WORKFLOW = Path(__file__).resolve().parents[3]


@cache
def captions(study: str) -> dict[str, Any]:
    """Return the captions of a study's figures and tables by name, or those of `all_studies`."""
    own = WORKFLOW / "studies" / study / "captions.yaml"
    return strict_yaml.parse_yaml(own if own.exists() else WORKFLOW / "report" / f"{study}.yaml")


def caption_of(study: str, *names: str) -> str:
    """Return the first of several names for which a study has a caption.

    Raises
    ------
    LabError
        If it has a caption for none of them.
    """
    for name in names:
        if name in captions(study):
            return name
    raise LabError(f"captions.yaml of the study {study} has no caption named {' or '.join(names)}.")


class Entries(dict):
    """The entries of one group of the configuration, by name.

    Asking for a name that does not exist raises `LabError`, since it comes from a target that the user asked for.

    Parameters
    ----------
    group : str
        The name of the group, such as `models`.
    entries : mapping or iterable of pairs
        The entries by name.
    """

    def __init__(self, group: str, entries: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> None:
        super().__init__(entries)
        self.group = group

    def __missing__(self, name: str) -> NoReturn:
        raise LabError(f"{self.group} has no {name!r}{explanations.nearest(name, self)}; a target asks for it.")


class Results:
    """The results of one configuration, as paths relative to the working folder.

    Parameters
    ----------
    config : dict
        The complete configuration, as `aelab.plan.configuration.load` returns it.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        # Sorted by name: the order of entries in the configuration has no meaning.
        self.models = Entries("models", sorted(config["models"].items()))
        self.splits = Entries("splits", config["splits"])
        self.corruptions = Entries("corruptions", config["corruptions"])
        self.studies = Entries("studies", sorted(config["studies"].items()))
        self.searches = Entries("searches", config["searches"])
        # Of those whose recipe is not carried out, no model is left.
        kept = ((name, each) for name, each in config["sweeps"].items() if self.models.keys() >= {*each["models"]})
        self.sweeps = Entries("sweeps", kept)
        self.datasets = Entries("datasets", config["datasets"])
        self.judges = entries.judges(config)

    def dataset(self, model: str) -> Dataset:
        """Return the data set on which a model is trained."""
        return self.datasets[self.splits[self.models[model]["split"]]["dataset"]]

    def dataset_of(self, study: str) -> Dataset:
        """Return the data set of a study, which all its models share."""
        return self.dataset(next(model for model in self.members_of(study)))

    def members_of(self, study: str) -> list[str]:
        """Return the names of all models of a study, whatever their group."""
        groups = self.studies[study].values()
        return [name for group in groups if isinstance(group, list) for name in group if self.is_model(name)]

    def is_model(self, name: object) -> bool:
        """Return whether a value is the name of a model."""
        return isinstance(name, str) and name in self.models

    def data(self, study: str) -> dict[str, dict[str, str]]:
        """Return the files of a study's data set, as in `data(study)["train"]["images"]`."""
        return self.dataset_of(study).files

    def shown(self, study: str) -> dict[str, Any]:
        """Return what figures and tables need to know about a study's data set (see `Dataset.shown`)."""
        return self.dataset_of(study).shown

    @staticmethod
    def corrupted_file(dataset: Dataset, corruption: str, draw: int | str, part: str) -> str:
        """Return the file of the corrupted images of one part of a data set. Each seed of a model has its own draw."""
        return f"results/data/{dataset.name}/corrupted/{corruption}/draw-{draw}/{part}.npy"

    def any_dataset(self, fetched: bool) -> str:
        """Return a regular expression for the names of the data sets that are fetched, or of those that are made here.

        It matches nothing if there are none.
        """
        return "|".join(name for name, each in self.datasets.items() if each.is_fetched == fetched) or "(?!)"

    def made_by(self, rule: str) -> str:
        """Return a regular expression for the names of the models whose weights a rule makes.

        It matches nothing if there are none.
        """
        return "|".join(name for name, entry in self.models.items() if declarations.of(entry).made_by == rule) or "(?!)"

    @property
    def trained_by_gradients(self) -> str:
        """A regular expression for the names of the models that `train_model` trains.

        It excludes the models whose weights other rules make, which are few.
        """
        rules = {declarations.of(entry).made_by for entry in self.models.values()} - {"train_model"}
        return rf"(?!(?:{'|'.join(map(self.made_by, sorted(rules))) or '(?!)'})/)[a-z][a-z0-9_]*"

    def runs(self) -> list[tuple[str, int]]:
        """Return the model and the seed of every training."""
        return [(model, seed) for model, entry in self.models.items() for seed in entry["seeds"]]

    def folder(self, model: str, seed: int | str | None = None) -> str:
        """Return the folder of a trained model; the seed defaults to the first one of the model."""
        return f"results/models/{model}/seed-{self.models[model]['seeds'][0] if seed is None else seed}"

    def training_inputs(self, model: str, seed: int | str) -> dict[str, str]:
        """Return the inputs of `train_model` and `fit_pca` by name."""
        entry = self.models[model]
        dataset = self.dataset(model)
        inputs = {
            "images": dataset.file("train", "images"),
            "split": self.split_file(entry, whole=entry.get("watch") == "test"),
        }
        if entries.learns_labels(entry):
            inputs["labels"] = dataset.file("train", "labels")
        if entry.get("watch") == "test":
            inputs["test_images"] = dataset.file("test", "images")
            if entries.learns_labels(entry):
                inputs["test_labels"] = dataset.file("test", "labels")
        corruption = entry.get("corruption")
        if corruption and not entry.get("codes_of") and entry["drawn"] == "once":
            inputs["corrupted"] = self.corrupted_file(dataset, corruption, seed, "train")
        if corruption and entry.get("watch") == "test":
            inputs["test_corrupted"] = self.corrupted_file(dataset, corruption, seed, "test")
        if entry.get("codes_of"):
            inputs["codes"] = f"{self.folder(entry['codes_of'], seed)}/codes/train.npy"
        if entry.get("starts_from"):
            (inputs["starts_from"],) = self.start_weights(model, seed)
        return inputs

    def encoded(self, model: str, seed: int | str, part: str) -> str:
        """Return what a model encodes of one part: images, or the codes of the model on whose codes it was trained."""
        before = self.models[model].get("codes_of")
        return f"{self.folder(before, seed)}/codes/{part}.npy" if before else self.dataset(model).file(part, "images")

    def start_weights(self, model: str, seed: int | str) -> list[str]:
        """Return the weight files from which a model starts, or is assembled, in order."""
        starts = declarations.of(self.models[model]).starts(self.models[model])
        return [f"{self.folder(start, seed)}/weights.npz" for _, start in starts]

    def evaluation_inputs(self, model: str, seed: int | str) -> dict[str, str]:
        """Return the inputs of `evaluate_model` by name."""
        dataset = self.dataset(model)
        inputs = {"images": dataset.file("test", "images"), "labels": dataset.file("test", "labels")}
        inputs |= {"weights": f"{self.folder(model, seed)}/weights.npz"}
        entry = self.models[model]
        inputs["split"] = self.split_file(entry)
        if entry.get("codes_of"):
            inputs["codes_from"] = f"{self.folder(entry['codes_of'], seed)}/codes/test.npy"
        elif not entries.learns_labels(entry):
            inputs["judge"] = self.judge_weights(dataset.name)
        corruption = self.models[model]["evaluation"]["corruption"]
        if corruption:
            inputs["corrupted"] = self.corrupted_file(dataset, corruption, seed, "test")
        return inputs

    def wiener_inputs(self, split: str, corruption: str, draw: int | str) -> dict[str, str]:
        """Return the files of the clean images and of a draw of the corrupted ones, of both parts, by name."""
        dataset, parts = self.datasets[self.splits[split]["dataset"]], ("train", "test")
        clean = {f"{part}_images": dataset.file(part, "images") for part in parts}
        return clean | {f"{part}_corrupted": self.corrupted_file(dataset, corruption, draw, part) for part in parts}

    def history_files(self, models: Iterable[str] | None = None) -> list[str]:
        """Return the history of every run of some models, or of all models, in order."""
        runs = self.runs() if models is None else [(m, s) for m in models for s in self.models[m]["seeds"]]
        return [f"{self.folder(model, seed)}/history.csv" for model, seed in runs]

    def metrics_files(self) -> list[str]:
        """Return the metrics of every run, in order."""
        return [f"{self.folder(model, seed)}/metrics.json" for model, seed in self.runs()]

    def judge_weights(self, dataset: str) -> str:
        """Return the weight file of the judge of a data set, given the data set's name."""
        return f"{self.folder(self.judges[dataset])}/weights.npz"

    def judge_of(self, study: str) -> str:
        """Return the weight file of the judge of a study's data set."""
        return self.judge_weights(self.dataset_of(study).name)

    def first_runs(self, members: Iterable[dict[str, Any]], file: str) -> list[str]:
        """Return one file of the first run of each member.

        Parameters
        ----------
        members : iterable of dict
            Members of a study, with at least `name` and `seed` (see `Plan.members`).
        file : str
            The name of the file, such as `weights.npz`.

        Returns
        -------
        list of str
            The paths, in the order of the members.
        """
        return [f"{self.folder(member['name'], member['seed'])}/{file}" for member in members]

    def split_file(self, entry: Entry, whole: bool = True) -> str:
        """Return the file of an entry's split; not `whole`, of the part that training reads."""
        return f"results/data/splits/{entry['split']}{'' if whole else '-training'}.npz"

    def split_files(self, members: Iterable[dict[str, Any]], whole: bool = True) -> list[str]:
        """Return the file of each member's split, in order; not `whole`, of the part that training reads."""
        return [self.split_file(member["entry"], whole) for member in members]

    def common_figures(self, study: str) -> list[str]:
        """Return the files of the figures that every study has."""
        corrupted = ["corrupted_reconstructions"] if self.studies[study]["examples"]["corruption"] else []
        return [
            f"results/studies/{study}/{figure}.png"
            for figure in ("training_curves", "clean_reconstructions", *corrupted)
        ]

    def caption_files(self, study: str) -> list[str]:
        """Return the files of a study's captions, and of its text on departures from the publication if it has one."""
        return [f"results/captions/{study}/{figure}.rst" for figure in sorted(captions(study))]

    def code_size(self, model: str) -> int:
        """Return how many numbers a model's code has."""
        return entries.code_size(self.config, model)

    def size(self, path: str) -> int:
        """Return the size of a result in bytes if it is known beforehand, else 0.

        It is known for images, labels, corrupted images and codes; headers of NumPy's format are not counted.
        """
        folder, name = posixpath.split(path)
        parts, part = folder.split("/"), name.removesuffix(".npy")
        if parts[:2] == ["results", "data"] and parts[2] in self.datasets:
            dataset = self.datasets[parts[2]]
            if parts[3:4] == ["corrupted"]:
                return 4 * dataset.pixels * dataset.images[part]
            return next((dataset.size(*key) for key, file in FILES.items() if file == name), 0)
        if parts[1:2] == ["models"] and parts[-1] == "codes":
            return 4 * self.code_size(parts[2]) * self.dataset(parts[2]).images[part]
        return 0

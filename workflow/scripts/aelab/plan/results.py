"""Which files there will be, and which of them a job reads."""

import posixpath
from functools import cache
from pathlib import Path

from aelab.data import genuine
from aelab.errors import LabError
from aelab.kinds import declarations
from aelab.plan import entries, explanations, strict_yaml

WORKFLOW = Path(__file__).resolve().parents[3]


@cache
def captions(study):
    """The captions of a study's figures, or of what is about all studies."""
    own = WORKFLOW / "studies" / study / "captions.yaml"
    return strict_yaml.parse_yaml(own if own.exists() else WORKFLOW / "report" / f"{study}.yaml")


def caption_of(study, *names):
    """The first of these names that a study has a caption of. Raises `LabError` where it has none."""
    for name in names:
        if name in captions(study):
            return name
    raise LabError(f"captions.yaml of the study {study} has no caption named {' or '.join(names)}.")


class Entries(dict):
    """Entries of the configuration by name; a name that is not there is an error for the user."""

    def __init__(self, group, entries):
        super().__init__(entries)
        self.group = group

    def __missing__(self, name):
        raise LabError(f"{self.group} has no {name!r}{explanations.nearest(name, self)}; a target asks for it.")


class Results:
    """The results of one checked configuration."""

    def __init__(self, config):
        self.config = config
        # In the order of their names: the order of entries in the configuration means nothing.
        self.models = Entries("models", sorted(config["models"].items()))
        self.splits = Entries("splits", config["splits"])
        self.corruptions = Entries("corruptions", config["corruptions"])
        self.studies = Entries("studies", sorted(config["studies"].items()))
        self.judge = config["judge"]

    def made_by(self, rule):
        """A regular expression for the names of the models whose weights a rule makes, by their kinds."""
        return "|".join(name for name, entry in self.models.items() if declarations.of(entry).made_by == rule) or "(?!)"

    @property
    def trained_by_gradients(self):
        """The same for `train_model`: every name but those of models that are made otherwise, which are few."""
        rules = {declarations.of(entry).made_by for entry in self.models.values()} - {"train_model"}
        return rf"(?!(?:{'|'.join(map(self.made_by, sorted(rules))) or '(?!)'})/)[a-z][a-z0-9_]*"

    def runs(self):
        """Pairs (model, seed) of all trainings."""
        return [(model, seed) for model, entry in self.models.items() for seed in entry["seeds"]]

    def folder(self, model, seed=None):
        """The folder of a trained model; its first seed where none is named."""
        return f"results/models/{model}/seed-{self.models[model]['seeds'][0] if seed is None else seed}"

    def training_inputs(self, model, seed):
        """Named inputs of `train_model`."""
        entry = self.models[model]
        inputs = {
            "images": "results/data/mnist/train-images-idx3-ubyte",
            "split": self.split_file(entry, whole=entry.get("watch") == "test"),
        }
        if entries.learns_labels(entry):
            inputs["labels"] = "results/data/mnist/train-labels-idx1-ubyte"
        if entry.get("watch") == "test":
            inputs["test_images"] = "results/data/mnist/t10k-images-idx3-ubyte"
            if entries.learns_labels(entry):
                inputs["test_labels"] = "results/data/mnist/t10k-labels-idx1-ubyte"
        corruption = entry.get("corruption")
        if corruption and not entry.get("codes_of") and entry["drawn"] == "once":
            inputs["corrupted"] = f"results/data/corrupted/{corruption}/train.npy"
        if corruption and entry.get("watch") == "test":
            inputs["test_corrupted"] = f"results/data/corrupted/{corruption}/test.npy"
        if entry.get("codes_of"):
            inputs["codes"] = f"{self.folder(entry['codes_of'], seed)}/codes/train.npy"
        if entry.get("starts_from"):
            (inputs["starts_from"],) = self.start_weights(model, seed)
        return inputs

    def start_weights(self, model, seed):
        """The weights that a model starts from, or is put together from, in order."""
        starts = declarations.of(self.models[model]).starts(self.models[model])
        return [f"{self.folder(start, seed)}/weights.npz" for _, start in starts]

    def evaluation_inputs(self, model, seed):
        """Named inputs of `evaluate_model`, beside the test images."""
        inputs = {"weights": f"{self.folder(model, seed)}/weights.npz"}
        entry = self.models[model]
        inputs["split"] = self.split_file(entry)
        if entry.get("codes_of"):
            inputs["codes_from"] = f"{self.folder(entry['codes_of'], seed)}/codes/test.npy"
        elif not entries.learns_labels(entry):
            inputs["judge"] = f"{self.folder(self.judge)}/weights.npz"
        corruption = self.models[model]["evaluation"]["corruption"]
        if corruption:
            inputs["corrupted"] = f"results/data/corrupted/{corruption}/test.npy"
        return inputs

    def wiener_file(self, member, corruption):
        """What the Wiener filter makes of a corruption, fitted on the training images of a member's split."""
        return f"results/data/wiener/{member['entry']['split']}/{corruption}.csv"

    def history_files(self, models=None):
        """The history of every run, or of every run of some models, in order."""
        runs = self.runs() if models is None else [(m, s) for m in models for s in self.models[m]["seeds"]]
        return [f"{self.folder(model, seed)}/history.csv" for model, seed in runs]

    def metrics_files(self):
        """The metrics of every run, in order."""
        return [f"{self.folder(model, seed)}/metrics.json" for model, seed in self.runs()]

    @property
    def judge_weights(self):
        """The weights of the judge."""
        return f"{self.folder(self.judge)}/weights.npz"

    def first_runs(self, members, file):
        """A file of the first seed of each member, in order."""
        return [f"{self.folder(member['name'], member['seed'])}/{file}" for member in members]

    def split_file(self, entry, whole=True):
        """The split of an entry, or the part of it that training reads."""
        return f"results/data/splits/{entry['split']}{'' if whole else '-training'}.npz"

    def split_files(self, members, whole=True):
        """The split of each member, in order."""
        return [self.split_file(member["entry"], whole) for member in members]

    def common_figures(self, study):
        """The figures that every study has, as files."""
        corrupted = ["corrupted_reconstructions"] if self.studies[study]["examples"]["corruption"] else []
        return [
            f"results/studies/{study}/{figure}.png"
            for figure in ("training_curves", "clean_reconstructions", *corrupted)
        ]

    def example_inputs(self, study):
        """The corrupted test images that a study's examples need, if any."""
        corruption = self.studies[study]["examples"]["corruption"]
        return {"corrupted": f"results/data/corrupted/{corruption}/test.npy"} if corruption else {}

    def answer_files(self, study):
        """The answers of a study; none for `all_studies`."""
        return [f"results/studies/{study}/answers.csv"] if study in self.studies else []

    def caption_files(self, study):
        """The captions of a study's figures and, where it departs from what was published, a text on that."""
        return [f"results/captions/{study}/{figure}.rst" for figure in sorted(captions(study))]

    def code_size(self, model):
        """Numbers in a model's code."""
        return entries.code_size(self.config, model)

    def size(self, path):
        """Bytes of a result where they are known beforehand (images, corrupted images, codes), else 0."""
        folder, name = posixpath.split(path)
        images = {"train.npy": genuine.TRAINING_IMAGES, "test.npy": genuine.TEST_IMAGES}.get(name, 0)
        if folder == "results/data/mnist":
            return genuine.FILES[name][1]
        if folder.startswith("results/data/corrupted/"):
            return 4 * genuine.IMAGE_SIZE * images
        if folder.endswith("/codes"):
            return 4 * self.code_size(folder.split("/")[2]) * images
        return 0

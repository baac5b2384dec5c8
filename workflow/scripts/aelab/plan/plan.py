"""What each job depends on: its inputs, and the canonical text of all else that its result can depend on.

Used by the rules. Every method that ends in a rule's words returns that rule's one parameter: a line
of canonical JSON that holds the settings which the job reads, the digests of the code that it runs
and the digest of the environment that it runs in. `with_files` adds, for all rules alike, which file is
which input and which output.
"""

import hashlib
import posixpath
import re
from functools import cache, cached_property
from pathlib import Path

from aelab.data import genuine
from aelab.errors import LabError
from aelab.plan import configuration, effort, provenance, specs

WORKFLOW = Path(__file__).resolve().parents[3]

# Keys of a model's entry that its training does not read.
NOT_TRAINED = ("description", "evaluation", "recipe", "seeds")


@cache
def environment_digest(name, folder=WORKFLOW.parent / "envs"):
    """16 hexadecimal digits of what an environment installs: comments, layout and the order of packages aside.

    The builds of TensorFlow for CPUs and for GPUs count as one, like the machines that they are for:
    with the same versions of everything, a change of profile is no change of the environment.
    """
    content = configuration.read_yaml(folder / f"{name}.yaml")
    packages = set()
    for dependency in content.pop("dependencies", []):
        for pin in dependency["pip"] if isinstance(dependency, dict) else [f"conda {dependency}"]:
            pin = re.sub(r"^tensorflow(-cpu)?==([^ ;]*).*", r"tensorflow==\2", pin)
            if not pin.startswith("nvidia-"):
                packages.add(pin)
    content.pop("name", None)  # of no consequence: Snakemake makes environments by path
    # Snakemake takes pins and a script to run after the installation from files beside the environment's.
    beside = {
        path.name.removeprefix(name): path.read_text() for path in folder.glob(f"{name}.*") if path.suffix != ".yaml"
    }
    text = specs.canonical({**content, "packages": sorted(packages), "beside": beside})
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@cache
def surroundings(script, environment, kinds):
    """Canonical texts of what a script's jobs have in common: the digests of its code and of its environment."""
    code, environment = provenance.code(script, kinds), environment_digest(environment)
    return {"code": specs.canonical(code), "environment": specs.canonical(environment)}


@cache
def claims(study):
    """A study's published claims."""
    return configuration.parse_yaml(WORKFLOW / "studies" / study / "claims.yaml")


@cache
def captions(study):
    """The captions of a study's figures, or of what is about all studies."""
    own = WORKFLOW / "studies" / study / "captions.yaml"
    return configuration.parse_yaml(own if own.exists() else WORKFLOW / "report" / f"{study}.yaml")


class Entries(dict):
    """Entries of the configuration by name; a name that is not there is an error for the user."""

    def __init__(self, group, entries):
        super().__init__(entries)
        self.group = group

    def __missing__(self, name):
        raise LabError(f"{self.group} has no {name!r}{configuration.nearest(name, self)}; a target asks for it.")


class Plan:
    """The jobs of one checked configuration."""

    def __init__(self, config):
        self.config = config
        # In the order of their names: the order of entries in the configuration means nothing.
        self.models = Entries("models", sorted(config["models"].items()))
        self.splits = Entries("splits", config["splits"])
        self.corruptions = Entries("corruptions", config["corruptions"])
        self.studies = Entries("studies", sorted(config["studies"].items()))
        self.judge = config["judge"]

    @cached_property
    def priorities(self):
        """The priority of each model's training, for Snakemake's scheduler: the longest chains start first."""
        return effort.priorities(self.config)

    @property
    def first(self):
        """A priority above that of every training, for what trainings wait for."""
        return 1 + max(self.priorities.values())

    # -- text of what a job depends on -----------------------------------------------------------

    def spec(self, script, environment, kinds=(), of=None, **settings):
        """Canonical JSON of a job: settings, code and environment. `of` names the study that the script belongs to."""
        parts = {key: specs.canonical(value) for key, value in settings.items()}
        parts |= surroundings(provenance.script_file(script, of), self.environment(environment), frozenset(kinds))
        return "{" + ",".join(f'"{key}":{parts[key]}' for key in sorted(parts)) + "}"

    def environment(self, name):
        """The environment file, without its ending, that jobs of one of our environments run in."""
        return f"{name}-gpu" if name == "tensorflow" and self.config["accelerator"] == "gpu" else name

    def with_files(self, spec, inputs, outputs):
        """A spec with the names and the order of a job's inputs and outputs, of which Snakemake compares neither."""
        wiring = specs.canonical({"inputs": inputs, "outputs": outputs})
        return f'{spec[:-1]},"wiring":{wiring}}}'  # the last key: as unambiguous as in its place, and sooner done

    def entry(self, model):
        """What a trained model is and how it was trained: the entry with its corruption spelled out."""
        entry = {key: value for key, value in self.models[model].items() if key not in NOT_TRAINED}
        if "optimizer" in entry:
            entry["optimizer"] = with_effect(
                entry["optimizer"], weight_decay=("kind", "adamw"), warm_up=("schedule", "one_cycle")
            )
        if entry.get("corruption"):
            corruption = with_effect(self.corruptions[entry["corruption"]], seed=("drawn", "once"))
            entry["corruption"] = {"name": entry["corruption"], **corruption}
        if entry.get("codes_of"):
            entry["input_size"] = configuration.code_size(self.config, entry["codes_of"])
        return entry

    def any_of(self, *kinds):
        """A regular expression for the names of the models of some kinds."""
        names = [name for name, entry in self.models.items() if entry["kind"] in kinds]
        return "|".join(names) or "(?!)"

    def any_but(self, *kinds):
        """A regular expression for every name but those of the models of some kinds."""
        return rf"(?!(?:{self.any_of(*kinds)})/)[a-z][a-z0-9_]*"

    def fetching(self):
        """Spec of `fetch_mnist`: what the files must hold, the same whatever code and environment fetch them."""
        return specs.canonical({"files": genuine.FILES, "code": {}, "environment": None})

    def sources(self):
        """Where MNIST comes from. No part of a spec: whatever the source, the four files are the same."""
        return specs.canonical(self.config["data"])

    @property
    def gpus(self):
        """GPUs that a training asks for: 1 where a profile says so."""
        return 1 if self.config["accelerator"] == "gpu" else 0

    def corrupting(self, corruption, part):
        """Spec of `corrupt_images`."""
        settings = {key: value for key, value in self.corruptions[corruption].items() if key != "drawn"}
        return self.spec("corrupt_images", "analysis", name=corruption, part=part, settings=settings)

    def training(self, model, seed):
        """Spec of `train_model`."""
        entry = self.entry(model)
        return self.spec("train_model", "tensorflow", {entry["kind"]}, model=model, seed=int(seed), entry=entry)

    def fitting(self, model):
        """Spec of `fit_pca`."""
        return self.spec("fit_pca", "analysis", code_size=self.models[model]["code_size"])

    def stacking(self):
        """Spec of `stack_layers`."""
        return self.spec("stack_layers", "analysis")

    def encoding(self):
        """Spec of `encode_images`."""
        return self.spec("encode_images", "analysis")

    def evaluation(self, model, seed):
        """Spec of `evaluate_model`."""
        return self.spec("evaluate_model", "analysis", model=model, seed=int(seed))

    def members(self, study, groups=("published", "corrected", "baselines")):
        """A study's models in the order of the configuration: dicts of name, group, seed and entry."""
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

    def study(self, study, script, environment, keys=(), members=(), **settings):
        """Spec of a study's own job: the study's settings that it reads, and its members in order.

        Of a member counts what the script asks for. Jobs without TensorFlow load no architecture, so that
        entries never count there.
        """
        chosen = {key: self.studies[study][key] for key in keys}
        kinds = {member["entry"]["kind"] for member in members} if environment == "tensorflow" else ()
        members = self.read_by(script, members, environment, study)
        return self.spec(script, environment, kinds, study, study=study, members=members, **chosen, **settings)

    def read_by(self, script, members, environment="analysis", study=None):
        """Of each member of a study its name and the other keys that a script reads."""
        words = provenance.words(provenance.script_file(script, study))
        read = {"name"} | words - ({"entry"} if environment == "analysis" else set())
        return [{key: value for key, value in member.items() if key in read} for member in members]

    def curves(self, study, groups=("published", "corrected", "baselines", "layers")):
        """The study's models that are trained by gradients, with what their curves show."""
        return [
            {
                "name": member["name"],
                "group": member["group"],
                "seed": member["seed"],
                "loss": member["entry"].get("loss", "labels"),
                "watch": member["entry"]["watch"],
                **({"on": "codes"} if member["entry"].get("codes_of") else {}),
            }
            for member in self.members(study, groups)
            if member["entry"].get("epochs")
        ]

    def updates(self, model):
        """Updates of all trainings that a model's weights went through: of its layers, of what it starts from, its own.

        A model that is not trained by gradients has none.
        """
        entry = self.models[model]
        before = entry.get("layers", []) + ([entry["starts_from"]] if entry.get("starts_from") else [])
        steps = 0
        if entry.get("epochs"):
            train = self.splits[entry["split"]]["train"]
            steps = entry["updates"] or -(-train // min(entry["batch_size"], train)) * entry["epochs"]
        return steps + sum(self.updates(name) for name in before)

    def claiming(self):
        """Spec of `check_claims`: every study's claims, in order."""
        studies = [{"name": study, "claims": claims(study)} for study in self.studies]
        return self.spec("check_claims", "analysis", studies=studies)

    def captioning(self, study):
        """Spec of `write_captions`."""
        return self.spec("write_captions", "analysis", study=study, texts=captions(study))

    def splitting(self, split, whole=True):
        """Spec of `make_split`, or of the part of a split that training reads: all but the test images."""
        settings = with_effect(self.splits[split], seed=("kind", "permutation"))
        if not whole:
            del settings["test"]
        return self.spec("make_split", "analysis", split=settings)

    def listing(self, files):
        """Spec of `write_manifest`."""
        return self.spec("write_manifest", "analysis", files=sorted(files))

    # -- inputs ----------------------------------------------------------------------------------

    def folder(self, model, seed=None):
        """The folder of a trained model; its first seed where none is named."""
        return f"results/models/{model}/seed-{self.models[model]['seeds'][0] if seed is None else seed}"

    def training_inputs(self, model, seed):
        """Named inputs of `train_model`."""
        entry = self.models[model]
        if entry["kind"] == "stack":  # put together from its layers, trained on nothing
            return {"layers": [f"{self.folder(layer, seed)}/weights.npz" for layer in entry["layers"]]}
        inputs = {
            "images": "results/data/mnist/train-images-idx3-ubyte",
            "split": self.split_file(entry, whole=entry.get("watch") == "test"),
        }
        if configuration.learns_labels(entry):
            inputs["labels"] = "results/data/mnist/train-labels-idx1-ubyte"
        if entry.get("watch") == "test":
            inputs["test_images"] = "results/data/mnist/t10k-images-idx3-ubyte"
            if configuration.learns_labels(entry):
                inputs["test_labels"] = "results/data/mnist/t10k-labels-idx1-ubyte"
        corruption = entry.get("corruption")
        if corruption and not entry.get("codes_of") and self.corruptions[corruption]["drawn"] == "once":
            inputs["corrupted"] = f"results/data/corrupted/{corruption}/train.npy"
        if corruption and entry.get("watch") == "test":
            inputs["test_corrupted"] = f"results/data/corrupted/{corruption}/test.npy"
        if entry.get("codes_of"):
            inputs["codes"] = f"{self.folder(entry['codes_of'], seed)}/codes/train.npy"
        if entry.get("starts_from"):
            inputs["starts_from"] = f"{self.folder(entry['starts_from'], seed)}/weights.npz"
        return inputs

    def evaluation_inputs(self, model, seed):
        """Named inputs of `evaluate_model`, beside the test images."""
        inputs = {"weights": f"{self.folder(model, seed)}/weights.npz"}
        entry = self.models[model]
        inputs["split"] = self.split_file(entry)
        if entry.get("codes_of"):
            inputs["codes_from"] = f"{self.folder(entry['codes_of'], seed)}/codes/test.npy"
        elif not configuration.learns_labels(entry):
            inputs["judge"] = f"{self.folder(self.judge)}/weights.npz"
        corruption = self.models[model]["evaluation"]["corruption"]
        if corruption:
            inputs["corrupted"] = f"results/data/corrupted/{corruption}/test.npy"
        return inputs

    def wiener_file(self, member, corruption):
        """What the Wiener filter makes of a corruption, fitted on the training images of a member's split."""
        return f"results/data/wiener/{member['entry']['split']}/{corruption}.csv"

    def runs(self):
        """Pairs (model, seed) of all trainings."""
        return [(model, seed) for model, entry in self.models.items() for seed in entry["seeds"]]

    def history_files(self, models=None):
        """The history of every run, or of every run of some models, in order."""
        runs = self.runs() if models is None else [(m, s) for m in models for s in self.models[m]["seeds"]]
        return [f"{self.folder(model, seed)}/history.csv" for model, seed in runs]

    def size(self, path):
        """Bytes of a result where they are known beforehand (images, corrupted images, codes), else 0."""
        folder, name = posixpath.split(path)
        images = {"train.npy": configuration.TRAINING_IMAGES, "test.npy": configuration.TEST_IMAGES}.get(name, 0)
        if folder == "results/data/mnist":
            return genuine.FILES[name][1]
        if folder.startswith("results/data/corrupted/"):
            return 4 * configuration.IMAGE_SIZE * images
        if folder.endswith("/codes"):
            return 4 * self.code_size(folder.split("/")[2]) * images
        return 0

    def metrics_files(self):
        """The metrics of every run, in order."""
        return [f"{self.folder(model, seed)}/metrics.json" for model, seed in self.runs()]

    def collecting(self):
        """Spec of `collect_metrics`: the runs in order, with what the table says of each."""
        runs = [
            {
                "model": model,
                "seed": seed,
                **{key: self.models[model].get(key) for key in ("kind", "recipe", "description", "precision")},
            }
            for model, seed in self.runs()
        ]
        return self.spec("collect_metrics", "analysis", runs=runs)

    def code_size(self, model):
        """Numbers in a model's code."""
        return configuration.code_size(self.config, model)

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

    def example_inputs(self, study):
        """The corrupted test images that a study's examples need, if any."""
        corruption = self.studies[study]["examples"]["corruption"]
        return {"corrupted": f"results/data/corrupted/{corruption}/test.npy"} if corruption else {}

    def answer_files(self, study):
        """The answers of a study; none for `all_studies`."""
        return [f"results/studies/{study}/answers.csv"] if study in self.studies else []

    def caption_files(self, study):
        """The captions of a study's figures."""
        figures = (figure for figure in captions(study) if figure != "departures")
        return [f"results/captions/{study}/{figure}.rst" for figure in sorted(figures)]


def with_effect(settings, **conditions):
    """Settings without the keys that nothing reads: each of `conditions` is read only where a key has a value."""
    return {
        key: value
        for key, value in settings.items()
        if key not in conditions or settings[conditions[key][0]] == conditions[key][1]
    }

"""What each job depends on: its inputs, and the settings that its script reads.

Used by the rules. A rule's parameter `spec` says which settings its script reads; when all rules are read,
`rules/specs.smk` makes of it one line of canonical JSON that holds besides the digests of the script's code and of
the rule's environment, and which file is which input and which output.
"""

from functools import cache, cached_property

from aelab.data import genuine
from aelab.kinds import declarations
from aelab.plan import effort, entries, provenance, specs, strict_yaml
from aelab.plan.environments import environment_digest
from aelab.plan.results import WORKFLOW, Results, captions

# Keys of a model's entry that its training does not read.
NOT_TRAINED = ("description", "evaluation", "recipe", "seeds")


@cache
def surroundings(script, environment, kinds):
    """Canonical texts of what a script's jobs have in common: the digests of its code and of its environment."""
    code, environment = provenance.code(script, kinds), environment_digest(environment)
    return {"code": specs.canonical(code), "environment": specs.canonical(environment)}


@cache
def claims(study):
    """A study's published claims."""
    return strict_yaml.parse_yaml(WORKFLOW / "studies" / study / "claims.yaml")


def select(members, *keys):
    """Of each member of a study the keys that a script reads: a list of dicts, in order."""
    return [{key: member[key] for key in keys} for member in members]


def architectures(settings):
    """The kinds of model that a job can load: those of the entries among its settings."""
    holders = [settings, *settings.get("members", ())]
    return frozenset(holder["entry"]["kind"] for holder in holders if "entry" in holder)


class Plan(Results):
    """The jobs of one checked configuration."""

    @cached_property
    def priorities(self):
        """The priority of each model's training, for Snakemake's scheduler: the longest chains start first."""
        return effort.priorities(self.config)

    @property
    def first(self):
        """A priority above that of every training, for what trainings wait for."""
        return 1 + max(self.priorities.values())

    # -- settings that scripts read ----------------------------------------------------------------

    def spec(self, script, environment, settings, inputs, outputs):
        """The canonical text of all that a job's result can depend on.

        Parameters
        ----------
        script : str
            The script, relative to the folder `workflow`.
        environment : str
            The environment's file below `envs`, without its ending.
        settings : dict
            The settings that the script reads. `code` or `environment` among them stand for the digests of the real
            ones, in rules whose results are the same whatever makes them.
        inputs, outputs : dict
            From name to path or list of paths; Snakemake compares neither the names nor the order.

        Returns
        -------
        str
            One line of JSON: settings, `code`, `environment` and `wiring`.
        """
        parts = surroundings(script, environment, architectures(settings))
        parts = parts | {key: specs.canonical(value) for key, value in settings.items()}
        wiring = specs.canonical({"inputs": inputs, "outputs": outputs})
        words = ",".join(f'"{key}":{parts[key]}' for key in sorted(parts))
        return f'{{{words},"wiring":{wiring}}}'  # the last key: as unambiguous as in its place, and sooner done

    @property
    def tensorflow(self):
        """The environment of jobs that use TensorFlow: its file below `envs`, without the ending."""
        return "tensorflow-gpu" if self.config["accelerator"] == "gpu" else "tensorflow"

    def entry(self, model):
        """What a trained model is and how it was trained: the entry with its corruption spelled out."""
        entry = {key: value for key, value in self.models[model].items() if key not in NOT_TRAINED}
        if "optimizer" in entry:
            entry["optimizer"] = with_effect(
                entry["optimizer"], weight_decay=("kind", "adamw"), warm_up=("schedule", "one_cycle")
            )
        drawn = entry.pop("drawn", None)
        if entry.get("corruption"):
            corruption = {"name": entry["corruption"], **self.corruptions[entry["corruption"]], "drawn": drawn}
            entry["corruption"] = with_effect(corruption, name=("drawn", "once"), seed=("drawn", "once"))
        if entry.get("codes_of"):
            entry["input_size"] = entries.code_size(self.config, entry["codes_of"])
        return entry

    def fetching(self):
        """Settings of `fetch_mnist`: what the files must hold, the same whatever code and environment fetch them."""
        return {"files": genuine.FILES, "code": {}, "environment": None}

    def sources(self):
        """Where MNIST comes from. No part of a spec: whatever the source, the four files are the same."""
        return specs.canonical(self.config["data"])

    @property
    def gpus(self):
        """GPUs that a training asks for: 1 where a profile says so."""
        return 1 if self.config["accelerator"] == "gpu" else 0

    def corrupting(self, corruption, part):
        """Settings of `corrupt_images`."""
        return {"name": corruption, "part": part, "settings": self.corruptions[corruption]}

    def training(self, model, seed):
        """Settings of `train_model`."""
        return {"model": model, "seed": int(seed), "entry": self.entry(model)}

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

    def settings(self, study, *keys, **others):
        """The settings of a study that a script reads, by their keys in the configuration, and others beside them."""
        return {**{key: self.studies[study][key] for key in keys}, **others}

    def curves(self, study, groups=("published", "corrected", "baselines", "layers")):
        """The study's models that are trained by gradients, with what their curves show."""
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

    def updates(self, model):
        """Updates of all trainings that a model's weights went through: of its layers, of what it starts from, its own.

        A model that is not trained by gradients has none.
        """
        entry = self.models[model]
        before = [start for _, start in declarations.of(entry).starts(entry)]
        steps = 0
        if entry.get("epochs"):
            train = self.splits[entry["split"]]["train"]
            steps = entry["updates"] or -(-train // min(entry["batch_size"], train)) * entry["epochs"]
        return steps + sum(self.updates(name) for name in before)

    def claiming(self):
        """Settings of `check_claims`: every study's claims, in order."""
        return {"studies": [{"name": study, "claims": claims(study)} for study in self.studies]}

    def captioning(self, study):
        """Settings of `write_captions`."""
        return {"texts": captions(study)}

    def splitting(self, split, whole=True):
        """Settings of `make_split`, or of the part of a split that training reads: all but the test images."""
        settings = with_effect(self.splits[split], seed=("kind", "permutation"))
        if not whole:
            del settings["test"]
        return {"split": settings}

    def collecting(self):
        """Settings of `collect_metrics`: the runs in order, with what the table says of each."""
        shown = ("kind", "recipe", "description", "precision")
        return {
            "runs": [
                {"model": model, "seed": seed, **{key: self.models[model].get(key) for key in shown}}
                for model, seed in self.runs()
            ]
        }


def with_effect(settings, **conditions):
    """Settings without the keys that nothing reads: each of `conditions` is read only where a key has a value."""
    return {
        key: value
        for key, value in settings.items()
        if key not in conditions or settings[conditions[key][0]] == conditions[key][1]
    }

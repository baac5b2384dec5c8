"""What each job depends on: its inputs, and the canonical text of all else that its result can depend on.

Used by the rules. Every method that ends in a rule's words returns that rule's one parameter: a line
of canonical JSON that holds the settings which the job reads, the digests of the code that it runs
and the digest of the environment that it runs in. `with_files` adds, for all rules alike, which file is
which input and which output.
"""

from functools import cache, cached_property

from aelab.data import genuine
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
            entry["input_size"] = entries.code_size(self.config, entry["codes_of"])
        return entry

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


def with_effect(settings, **conditions):
    """Settings without the keys that nothing reads: each of `conditions` is read only where a key has a value."""
    return {
        key: value
        for key, value in settings.items()
        if key not in conditions or settings[conditions[key][0]] == conditions[key][1]
    }

"""The one run of the whole workflow, made small, that the tests share: made once for a state of the code.

`python tests/finished.py FOLDER MNIST [CORES]` makes such a run in a folder.
"""

import base64
import copy
import functools
import hashlib
import json
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import environments
import small
from small import REPOSITORY

# What a finished run depends on, and what a copy of the repository needs besides.
CODE = (
    *("Snakefile", "workflow", "envs", "profiles", "config/config.yaml"),
    *("tests/small.py", "tests/finished.py", "tests/environments.py"),
)
BESIDE = ("tools",)
AUDIT = REPOSITORY / "tests" / "audit"


# Models that are like others of their study; without them the run uses every rule still and takes half the time.
LEFT_OUT = {
    "conv_plane_relaxed",
    "vae_20_wide",
    *(f"vae_20_beta_{beta}" for beta in ("0_1", "0_3", "3", "10", "30")),
    *(f"vae_{size}_corrected" for size in (4, 8, 32, 64)),
    "vae_20_fixed",
    "conv_plane_relaxed_corrected",
    "conv_plane_vae_corrected",
    "conv_plane_vae_cross_entropy",
    "conv_plane_vae_mean_error",
    "conv_classifier_finetuned",
    "conv_classifier_corrected",
    "conv_classifier_frozen_corrected",
    "conv_classifier_finetuned_corrected",
    "conv_32_sigmoid",
    "conv_32_cross_entropy",
    "stacked_784_softmax",
    "stacked_784_softmax_layer_1",
    "stacked_784_softmax_layer_2",
    "stacked_784_softmax_layer_3",
    "stacked_784_glorot",
    "stacked_784_glorot_layer_1",
    "stacked_784_glorot_layer_2",
    "stacked_784_glorot_layer_3",
    "stacked_784_linear",
    "stacked_784_linear_layer_3",
    "single_128",
    "single_128_denoising",
    "deep_128",
    "deep_128_layer_1",
    "deep_128_layer_2",
    "deep_128_finetuned",
    "deep_128_denoising",
    "deep_128_layer_1_denoising",
    "deep_128_layer_2_denoising",
    "deep_128_finetuned_denoising",
    "deep_128_finetuned_10",
    "deep_128_finetuned_denoising_10",
    "deep3_128_layer_2",
    "deep3_128_layer_3",
    "deep3_128",
    "deep3_128_layer_2_denoising",
    "deep3_128_layer_3_denoising",
    "deep3_128_denoising",
    "deep_128_corrected",
    "deep_128_layer_1_corrected",
    "deep_128_layer_2_corrected",
    "deep_128_finetuned_corrected",
    "deep_128_denoising_corrected",
    "deep_128_layer_1_denoising_corrected",
    "deep_128_layer_2_denoising_corrected",
    "deep_128_finetuned_denoising_corrected",
    "contractive_deep_128",
    "single_128_noise_0_1",
    "single_128_noise_0_2",
    "single_128_noise_1",
    "classifier_some",
    "classifier_many",
    "classifier_all",
    "classifier_few_stacked",
    "classifier_some_stacked",
    "classifier_many_stacked",
    "classifier_all_stacked",
    "classifier_few_denoising",
    "classifier_some_denoising",
    "classifier_many_denoising",
    "classifier_all_denoising",
    "classifier_few_contractive",
    "classifier_some_contractive",
    "classifier_many_contractive",
    "classifier_all_contractive",
}
# Of the other models this study measures only these in the finished run.
ROBUST = {"corrected": ["single_128_corrected", "single_128_denoising_corrected", "single_128_blind"]}


def leave_out(config, names):
    """Remove models, and what the studies say of them: the names in lists, and pairs and mappings that name them."""

    def mentions(value):
        values = value.values() if isinstance(value, dict) else value
        return isinstance(value, (list, dict)) and any(isinstance(item, str) and item in names for item in values)

    def without(value):
        if isinstance(value, dict):
            return {key: without(item) for key, item in value.items() if key not in names}
        if isinstance(value, list):
            return [without(item) for item in value if not (mentions(item) or isinstance(item, str) and item in names)]
        return value

    assert names <= config["models"].keys(), names - config["models"].keys()
    config["models"] = {name: entry for name, entry in config["models"].items() if name not in names}
    config["studies"] = without(config["studies"])


def configure(config):
    """The small configuration with fewer models, and one more for every way in which jobs hang together."""
    leave_out(config, LEFT_OUT)
    config["studies"]["denoising"]["deeper"] = [
        {"model": "deeper_128_denoising", "than": "single_128_denoising_corrected"}
    ]
    config["studies"]["denoising"]["printed_losses"] = [{"model": "single_128_corrected", "losses": [0.02, 0.01]}]
    config["studies"]["robustness"] |= copy.deepcopy(ROBUST)
    config["studies"]["robustness"]["curves"].remove("contractive_128")
    for settings in config["studies"].values():
        first = "asked" if "asked" in settings else "published"
        if not settings[first]:
            settings[first] = [settings["corrected"].pop(0)]
        if not settings.get("baselines"):
            settings.pop("baselines", None)
    config["corruptions"]["trial_noise"] = {"kind": "gaussian", "amount": 0.4, "clip": True, "seed": 7}
    config["corruptions"]["trial_masking"] = {"kind": "masking", "amount": 0.3}
    base = copy.deepcopy(config["models"]["dense_2_corrected"])
    base |= {"recipe": "support", "description": "for the tests", "epochs": 2, "seeds": [1]}
    trials = {
        "trial_noisy": {**base, "corruption": "trial_noise", "evaluation": {"corruption": "trial_noise"}},
        "trial_masked": {
            "like": "trial_noisy",
            "description": base["description"],
            "corruption": "trial_masking",
            "drawn": "each_epoch",
            "evaluation": {"corruption": None},
            "watch": "test",
            "precision": "bfloat16",
            "seeds": [1, 2],
        },
        "trial_tuned": {**base, "starts_from": "trial_noisy"},
        "trial_second": {
            **base,
            "codes_of": "trial_noisy",
            "encoder": {"widths": [2], "activations": ["linear"]},
            "decoder": {"widths": [2], "activations": ["linear"]},
        },
    }
    config["models"] |= copy.deepcopy(trials)


def command(snakefile, folder, *arguments):
    """The `snakemake` command for a folder."""
    return [sys.executable, "-m", "snakemake", "-s", str(snakefile), "--directory", str(folder), *arguments]


def carry_out(snakefile, folder, cores="all", audit=None, pinned=False, **environment):
    """Run the workflow to its end in a folder that has a configuration; raises with the end of what it said.

    With `pinned`, as a user with nothing but Snakemake and conda: each job in an environment of exactly its
    file's pins (`environments`), whatever broken packages of the user's own there are (in `folder/user`).
    """
    start = environments.command() if pinned else [sys.executable, "-m", "snakemake"]
    environment = {**(environments.variables() if pinned else os.environ), **environment}
    if pinned:
        environment |= environments.broken_user(Path(folder) / "user")
    if audit:
        Path(audit).mkdir(parents=True)
        environment |= {"AELAB_AUDIT": str(audit), "PYTHONPATH": str(AUDIT)}
    done = subprocess.run(
        [*start, "-s", str(snakefile), "--directory", str(folder), "--cores", str(cores)],
        env=environment,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"the workflow failed in {folder}:\n{(done.stdout + done.stderr)[-8000:]}")


@dataclass
class FinishedRun:
    """A run's folder. Nobody may change anything in it: copy it (`copy_to`) for that."""

    folder: Path

    @functools.cached_property
    def records(self):
        """Snakemake's record of each result: a dict from file to what `.snakemake/metadata` holds."""
        folder = self.folder / ".snakemake" / "metadata"
        return {
            base64.urlsafe_b64decode(
                "".join(part.removeprefix("@") for part in path.relative_to(folder).parts)
            ).decode(): (json.loads(path.read_text()))
            for path in folder.rglob("*")
            if path.is_file()
        }

    @functools.cached_property
    def audits(self):
        """What each job opened and loaded, by its log file: files relative to the run's folder or the repository."""
        found = {}
        relative = functools.cache(self.relative)  # most jobs open the same files of the libraries
        for path in sorted((self.folder / "audit").glob("*.json")):
            content = json.loads(path.read_text())
            audit = {
                kind: {short for path in content[kind] if (short := relative(path))}
                for kind in ("read", "written", "modules")
            }
            logs = [file for file in audit["written"] if file.startswith("results/logs/")]
            assert len(logs) == 1, (path, logs)
            found[logs[0]] = audit
        return found

    def relative(self, path):
        """A path relative to the run's folder, or to the repository with @ before it; None elsewhere."""
        path = os.path.normpath(path)
        for root, sign in ((self.folder, ""), (REPOSITORY, "@")):
            if path.startswith(f"{root}{os.sep}"):
                return sign + os.path.relpath(path, root)
        return None

    def copy_to(self, folder, link=True):
        """A copy of repository and run in one folder, as a clone beside copied results.

        With `link` big files are links, for tests that plan: a job gives its results other times.
        """
        folder = copy_code(Path(folder))
        shutil.copy2(self.folder / "config" / "config.yaml", folder / "config" / "config.yaml")
        shutil.copytree(
            self.folder / "results", folder / "results", copy_function=link_or_copy if link else shutil.copy2
        )
        shutil.copytree(self.folder / ".snakemake" / "metadata", folder / ".snakemake" / "metadata")
        return folder


def copy_code(folder, names=(*CODE, *BESIDE)):
    """A copy of the repository's code, without what is compiled: a run that starts meanwhile removes that."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if (REPOSITORY / name).is_dir():
            shutil.copytree(REPOSITORY / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(REPOSITORY / name, folder / name)
    return folder


def link_or_copy(source, target):
    """A hard link for what is big, since it is never written to in place; a copy otherwise, or on another disk."""
    if os.path.getsize(source) > 1_000_000:
        with suppress(OSError):
            os.link(source, target)
            return
    shutil.copy2(source, target)


def state():
    """16 hexadecimal digits of all that a finished run depends on."""
    digest = hashlib.sha256(sys.version.encode())
    for name in CODE:
        path = REPOSITORY / name
        inside = (Path(folder) / file for folder, _, files in os.walk(path) for file in files)
        for file in sorted(file for file in inside if file.suffix != ".pyc") if path.is_dir() else [path]:
            digest.update(f"{file.relative_to(REPOSITORY)}\0".encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def finished(mnist, cache=REPOSITORY / ".cache"):
    """The finished run of the code as it is; those of earlier states are removed."""
    folder = cache / f"finished-{state()}"
    with environments.alone(cache / "finished.lock"):
        if not (folder / "done").exists():
            for old in cache.glob("finished-*"):
                shutil.rmtree(old)
            small.write(folder, mnist, configure)
            carry_out(REPOSITORY / "Snakefile", folder, audit=folder / "audit", pinned=True)
            (folder / "done").touch()
    return FinishedRun(folder)


if __name__ == "__main__":
    small.write(sys.argv[1], sys.argv[2], configure)
    carry_out(REPOSITORY / "Snakefile", sys.argv[1], *sys.argv[3:4])

"""What the environment of a job installs, as a digest."""

import hashlib
import re
from functools import cache
from pathlib import Path

from aelab.plan import specs, strict_yaml

FOLDER = Path(__file__).resolve().parents[4] / "envs"


@cache
def environment_digest(name, folder=FOLDER):
    """16 hexadecimal digits of what an environment installs: comments, layout and the order of packages aside.

    The builds of TensorFlow for CPUs and for GPUs count as one, like the machines that they are for:
    with the same versions of everything, a change of profile is no change of the environment.
    """
    content = strict_yaml.read_yaml(folder / f"{name}.yaml")
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

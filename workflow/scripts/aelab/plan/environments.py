"""Digests of what the environments of jobs install."""

import hashlib
import re
from functools import cache
from pathlib import Path

from aelab.plan import specs, strict_yaml

FOLDER = Path(__file__).resolve().parents[4] / "envs"

# Every digest holds these words, which the first environment files had for their channels, whatever a file says. What
# was made with those files stays up to date.
CHANNELS = ["conda-forge", "nodefaults"]


@cache
def environment_digest(name: str, folder: Path = FOLDER) -> str:
    """Return a digest of what an environment installs.

    It does not depend on comments, on the layout of the file, on the order of packages or on the channels, from which
    only Python and pip come. TensorFlow's builds for CPUs and for GPUs count as the same package on every platform. As
    long as all versions are the same, changing the profile does not change the environment.

    Parameters
    ----------
    name : str
        The name of the environment's file, without its ending.
    folder : Path
        The folder that holds it.

    Returns
    -------
    str
        16 hexadecimal digits.

    Raises
    ------
    ConfigurationError
        If the file is missing or is not strict YAML.
    """
    content = strict_yaml.read_yaml(folder / f"{name}.yaml")
    packages = set()
    for dependency in content.pop("dependencies", []):
        for pin in dependency["pip"] if isinstance(dependency, dict) else [f"conda {dependency}"]:
            pin = re.sub(r"^tensorflow(-cpu)?==([^ ;]*).*", r"tensorflow==\2", pin)
            if not pin.startswith("nvidia-"):
                packages.add(pin)
    content.pop("name", None)  # it has no effect: Snakemake creates environments by path
    content["channels"] = CHANNELS
    # Snakemake also reads files beside the environment's: pins, and a script to run after the installation.
    beside = {
        path.name.removeprefix(name): path.read_text() for path in folder.glob(f"{name}.*") if path.suffix != ".yaml"
    }
    text = specs.canonical({**content, "packages": sorted(packages), "beside": beside})
    return hashlib.sha256(text.encode()).hexdigest()[:16]

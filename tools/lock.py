"""Lock all dependencies, and write the environment files from the lock. `make lock` runs it.

`requirements/*.in` name what the project imports. The tool writes `requirements.lock` (everything, for `make`),
`requirements-gpu.lock` (the same with TensorFlow's CUDA build) and `envs/*.yaml` (one environment each for Snakemake
itself, for fetching, for TensorFlow on the CPU or on a GPU, and for figures and tables). Locks contain names, versions
and hashes, but no addresses. The same versions serve all supported versions of Python. `containers/snakemake.yaml` is
Snakemake's environment in the container, with plugins that want older versions than the lock has.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
REQUIREMENTS = REPOSITORY / "requirements"
OLDEST_PYTHON, CONDA_PYTHON = "3.11", "3.12"
ENVIRONMENTS = ("workflow", "fetch", "analysis", "tensorflow", "tensorflow-gpu")
EVERYTHING = ("fetch", "analysis", "tensorflow", "workflow", "test")
CONTAINER = REPOSITORY / "containers" / "snakemake.yaml"


def resolve(
    names: Iterable[str], constraints: Path | None = None, upgrade: bool = False, previous: Path | None = None
) -> str:
    """Resolve requirements with uv.

    Parameters
    ----------
    names : iterable of str
        Names of files in `requirements/`, without the ending `.in`.
    constraints : Path, optional
        A file of versions that must be used.
    upgrade : bool
        Whether to use the newest versions instead of those in `previous`.
    previous : Path, optional
        The last lock.

    Returns
    -------
    str
        The content of a lock file: names, versions and hashes.

    Raises
    ------
    subprocess.CalledProcessError
        If uv fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "requirements.in"), Path(folder, "requirements.lock")
        source.write_text("".join((REQUIREMENTS / f"{name}.in").read_text() for name in names))
        if previous and previous.exists() and not upgrade:
            target.write_text(previous.read_text())
        command = ["uv", "pip", "compile", "--quiet", "--universal", "--fork-strategy", "fewest"]
        command += ["--python-version", OLDEST_PYTHON, "--generate-hashes", "--no-header", "--no-annotate"]
        command += ["--no-emit-index-url", "--no-emit-find-links"]
        command += ["--constraint", str(constraints)] if constraints else []
        subprocess.run([*command, str(source), "--output-file", str(target)], check=True)
        return target.read_text()


def pins(lock: str) -> list[str]:
    """Return the lines `name==version ; marker` of a lock, without hashes."""
    return [line.rstrip(" \\") for line in lock.splitlines() if re.match(r"[a-z0-9]", line)]


def pinned(environment: str) -> list[str]:
    """Return the lines `name==version ; marker` of an environment file."""
    return re.findall(r'^ +- "(.+)"$', environment, re.MULTILINE)


def environment(name: str, lock: str) -> str:
    """Return the content of a conda environment file with the versions of a lock.

    It has no channel `nodefaults`: since version 26, conda looks for a channel of that name.
    """
    lines = [
        "# Written by `make lock` from the lock; do not edit.",
        f"name: {name}",
        "channels:",
        "  - conda-forge",
        "dependencies:",
        f"  - python={CONDA_PYTHON}",
        "  - pip",
        "  - pip:",
        *(f'      - "{pin}"' for pin in pins(lock)),
    ]
    return "\n".join(lines) + "\n"


def written(upgrade: bool = False) -> dict[Path, str]:
    """Return the content of all files by path, with the newest versions if `upgrade` is set."""
    main, with_gpu = REPOSITORY / "requirements.lock", REPOSITORY / "requirements-gpu.lock"
    files = {main: resolve(EVERYTHING, upgrade=upgrade, previous=main)}
    with tempfile.TemporaryDirectory() as folder:
        constraints = {lock: Path(folder, lock.name) for lock in (main, with_gpu)}
        constraints[main].write_text("\n".join(pins(files[main])) + "\n")
        names = tuple("tensorflow-gpu" if name == "tensorflow" else name for name in EVERYTHING)
        files[with_gpu] = resolve(names, constraints[main], upgrade, previous=with_gpu)
        constraints[with_gpu].write_text("\n".join(pins(files[with_gpu])) + "\n")
        for name in ENVIRONMENTS:
            lock = constraints[with_gpu if name.endswith("-gpu") else main]
            files[REPOSITORY / "envs" / f"{name}.yaml"] = environment(name, resolve((name,), lock))
        before = Path(folder, "container.txt")
        before.write_text("" if upgrade or not CONTAINER.exists() else "\n".join(pinned(CONTAINER.read_text())) + "\n")
        files[CONTAINER] = environment("aelab", resolve(("workflow", "kubernetes"), previous=before))
    return files


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions instead of those locked")
    for path, text in written(parser.parse_args().upgrade).items():
        path.write_text(text)
        print(path.relative_to(REPOSITORY), file=sys.stderr)

"""Runs of the workflow as a user with nothing but Snakemake and conda has them.

`snakemake --use-conda` is started from an environment that holds Snakemake alone, with the stand-in for
conda of `tests/conda`: each job runs in an environment of exactly its file's pins.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from small import REPOSITORY

CACHE = REPOSITORY / ".cache"
WORKFLOW = REPOSITORY / "envs" / "workflow.yaml"


def pins(path):
    """The pins of an environment file's pip section."""
    return re.findall(r'^ {6}- "(.+)"$', path.read_text(), re.MULTILINE)


def host():
    """The Python of an environment with Snakemake and what it needs, made once for each state of the pins."""
    name = hashlib.sha256(f"{sys.version}{pins(WORKFLOW)}".encode()).hexdigest()[:16]
    folder = CACHE / f"host-{name}"
    if not (folder / "ready").exists():
        for old in CACHE.glob("host-*"):
            shutil.rmtree(old)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "install", "--no-deps", "--no-compile", *pins(WORKFLOW)], check=True, capture_output=True)
        subprocess.run([*pip, "check"], check=True, capture_output=True)
        (folder / "ready").touch()
    return folder / "bin" / "python"


def command():
    """The `snakemake --use-conda` command of that host, without arguments of a run."""
    return [str(host()), "-m", "snakemake", "--use-conda", "--conda-prefix", str(CACHE / "conda" / "environments")]


def variables():
    """Environment variables under which that command finds the stand-in for conda and nothing of this process."""
    python = Path(host()).parent
    path = os.pathsep.join([str(REPOSITORY / "tests" / "conda"), str(python), "/usr/local/bin", "/usr/bin", "/bin"])
    left_out = ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV")
    kept = {key: value for key, value in os.environ.items() if key not in left_out}
    return {
        **kept,
        "PATH": path,
        # As with conda itself, the path of the installation can hold no space.
        "CONDA_STAND_IN": str(Path(tempfile.gettempdir()) / f"conda-stand-in-{os.getuid()}"),
        "CONDA_STAND_IN_PYTHON": sys.executable,
        "AELAB_AUDIT_HOOK": str(REPOSITORY / "tests" / "audit" / "sitecustomize.py"),
    }

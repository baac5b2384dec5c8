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
import sysconfig
import tempfile
import zipfile
from contextlib import contextmanager
from pathlib import Path

from small import REPOSITORY

CACHE = REPOSITORY / ".cache"
WORKFLOW = REPOSITORY / "envs" / "workflow.yaml"
STAND_IN = REPOSITORY / "tests" / "conda"

# What a user may have installed, of which no job may see anything, in versions that pip leaves as they are (None, that
# of the pins) or would uninstall. pandas looks for pyarrow, which is in none of our environments.
BROKEN = {
    "numpy": ("numpy", None),
    "pandas": ("pandas", None),
    "matplotlib": ("matplotlib", "0.1"),
    "scikit-learn": ("sklearn", "0.1"),
    "tensorflow-cpu": ("tensorflow", "0.1"),
    "pyarrow": ("pyarrow", "0.1"),
}


@contextmanager
def alone(path):
    """One process at a time."""
    import fcntl

    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def pins(path):
    """The pins of an environment file's pip section."""
    return re.findall(r'^ {6}- "(.+)"$', path.read_text(), re.MULTILINE)


def host(file=WORKFLOW, kind="host"):
    """The Python of an environment with Snakemake and what it needs, made once for each state of the pins."""
    name = hashlib.sha256(f"{sys.version}{pins(file)}".encode()).hexdigest()[:16]
    folder = CACHE / f"{kind}-{name}"
    with alone(CACHE / f"{kind}.lock"):
        if not (folder / "ready").exists():
            for old in CACHE.glob(f"{kind}-*"):
                shutil.rmtree(old)
            make(folder, pins(file))
    return folder / "bin" / "python"


def make(folder, packages):
    """Make a virtual environment with these pins."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    pip = [str(folder / "bin" / "python"), "-I", "-m", "pip", "--python=", "--quiet", "--disable-pip-version-check"]
    # As in the Makefile: into this environment, whatever the user's variables and settings say.
    here = ["--no-user", "--target=", "--root=/", f"--prefix={folder}"]
    subprocess.run([*pip, "install", *here, "--no-deps", "--no-compile", *packages], check=True, capture_output=True)
    subprocess.run([*pip, "check"], check=True, capture_output=True)
    (folder / "ready").touch()


def environments():
    """The folder of the environments of the stand-in, made anew with another stand-in."""
    content = (STAND_IN / "conda").read_bytes()
    folder = CACHE / "conda" / hashlib.sha256(content).hexdigest()[:16]
    if not folder.exists():
        shutil.rmtree(CACHE / "conda", ignore_errors=True)
        folder.mkdir(parents=True)
    return folder


def command():
    """The `snakemake --use-conda` command of that host, without arguments of a run."""
    return [str(host()), "-m", "snakemake", "--use-conda", "--conda-prefix", str(environments())]


def variables():
    """Environment variables under which that command finds the stand-in for conda and nothing of this process."""
    python = Path(host()).parent
    path = os.pathsep.join([str(STAND_IN), str(python), "/usr/local/bin", "/usr/bin", "/bin"])
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


def user_site(base):
    """The folder into which `pip install --user` installs where PYTHONUSERBASE is `base`."""
    scheme = sysconfig.get_preferred_scheme("user")
    return Path(sysconfig.get_path("purelib", scheme, {"userbase": str(base)}))


def install(site, name, package, version, code=""):
    """A package of one module as pip would install it into a folder."""
    info = f"{name.replace('-', '_')}-{version}.dist-info"
    files = {
        f"{package}/__init__.py": code,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/INSTALLER": "pip\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{file},,\n" for file in [*files, f"{info}/RECORD"])
    for file, content in files.items():
        (site / file).parent.mkdir(parents=True, exist_ok=True)
        (site / file).write_text(content)


def wheel(folder, name, version):
    """The same for pip to install: a wheel in a folder."""
    with (
        zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as file,
        tempfile.TemporaryDirectory() as site,
    ):
        install(Path(site), name, name, version)
        kind = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        (Path(site) / f"{name}-{version}.dist-info" / "WHEEL").write_text(kind)
        for path, content in contents(Path(site)).items():
            file.writestr(path.as_posix(), content)


def broken_user(base):
    """A user whose own packages (`BROKEN`) raise when they are imported; returns variables that say where they are."""
    text = " ".join(pin for name in ("analysis", "tensorflow") for pin in pins(WORKFLOW.parent / f"{name}.yaml"))
    pinned = dict(re.findall(r"(\S+)==([\w.]+)", text))
    for name, (package, version) in BROKEN.items():
        code = f"raise RuntimeError('{package} of the user')\n"
        install(user_site(base), name, package, version or pinned[name], code)
    return {"PYTHONUSERBASE": str(base), "PIP_USER": "1"}


def contents(folder):
    """All files below a folder with what they hold; what Python compiles by itself is left out."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.parent.name != "__pycache__"]
    return {path.relative_to(folder): path.read_bytes() for path in files}

"""No environment of ours sees or changes a user's own packages, neither when it is made nor when it runs."""

import hashlib
import json
import os
import shutil
import subprocess
import sys

import environments
import pytest
from small import REPOSITORY

SCRIPTS = REPOSITORY / "workflow" / "scripts"

# In an environment: one that the user has in the same version, one in another version, one on PYTHONPATH. And what
# only the user has.
SAME, OTHER, ON_PATH, THEIRS = "aelab_same", "aelab_other", "aelab_on_path", "aelab_theirs"
PINNED = (SAME, OTHER, ON_PATH)

LOOK = """
import importlib.util, json, os, sys
found = {name: importlib.util.find_spec(name) for name in NAMES}
found = {name: spec and spec.origin for name, spec in found.items()}
variables = [name for name in ("PYTHONPATH", "PYTHONHOME") if name in os.environ]
with open(TO, "w") as file:
    json.dump({"prefix": sys.prefix, "found": found, "variables": variables}, file)
"""

# The second job is carried out by a Snakemake of its own, as jobs that are submitted to a cluster are.
SNAKEFILE = """
import sys
sys.path.append(SCRIPTS)
from aelab.plan.snakemake_gaps import isolation
isolation.isolate(workflow)

rule all:
    input: "main.json", "nested.json"

rule main:
    output: "main.json"
    conda: "pins.yaml"
    script: "look.py"

rule nested:
    output: "nested.json"
    shadow: "minimal"
    conda: "pins.yaml"
    script: "look.py"
"""


@pytest.fixture
def user(tmp_path):
    """Someone whose packages, variables and settings of pip are in the way of every environment."""
    return User(tmp_path)


class User:
    def __init__(self, folder):
        self.base, self.site = folder / "user", environments.user_site(folder / "user")
        self.path, self.wheels, self.elsewhere = folder / "path", folder / "wheels", folder / "elsewhere"
        self.settings = folder / "home" / ".config" / "pip" / "pip.conf"
        for place, name, version in (
            (self.site, SAME, "1.0"),
            (self.site, OTHER, "0.1"),
            (self.site, THEIRS, "1.0"),
            (self.path, ON_PATH, "1.0"),
        ):
            environments.install(place, name, name, version)
        self.wheels.mkdir()
        for name in PINNED:
            environments.wheel(self.wheels, name, "1.0")
        # Environments can only be made where the first two settings count and the others do not.
        self.settings.parent.mkdir(parents=True)
        self.settings.write_text(
            f"[global]\nno-index = yes\nfind-links = {self.wheels}\nprefix = {self.elsewhere}/prefix\n"
            f"[install]\nuser = yes\ntarget = {self.elsewhere}/target\nroot = {self.elsewhere}/root\n"
        )
        left_out = ("PIP_", "XDG_", "MAKE", "MFLAGS")
        kept = {name: value for name, value in environments.variables().items() if not name.startswith(left_out)}
        self.variables = {
            **kept,
            "HOME": str(folder / "home"),
            "PYTHONUSERBASE": str(self.base),
            "PYTHONPATH": str(self.path),
            "PYTHONHOME": sys.base_prefix,
            "PIP_USER": "1",
            "PIP_PREFIX": f"{self.elsewhere}/prefix",
            "PIP_ROOT": f"{self.elsewhere}/root",
            "PIP_TARGET": f"{self.elsewhere}/target",
            "PIP_REQUIRE_VIRTUALENV": "1",
        }
        self.before = self.packages()

    def packages(self):
        return environments.contents(self.base), environments.contents(self.path)

    def carry_out(self, *command, **variables):
        done = subprocess.run(command, env={**self.variables, **variables}, capture_output=True, text=True)
        assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
        assert self.packages() == self.before
        assert not self.elsewhere.exists()


def assert_isolated(report):
    """What a process in an environment reported: it found the environment's packages and nothing of the user's."""
    seen = json.loads(report.read_text())
    assert seen["variables"] == []
    assert seen["found"].pop(THEIRS) is None
    for name in PINNED:
        assert seen["found"][name] and seen["found"][name].startswith(seen["prefix"] + os.sep), seen


@pytest.mark.parametrize("settings", ["in the home", "named"])
def test_conda_environments_and_the_user_stay_apart(settings, user, tmp_path):
    """Snakemake itself is among the user's packages, where it must be found by its own processes and by scripts."""
    with environments.alone(environments.CACHE / "finished.lock"):
        (host,) = environments.host().parent.parent.glob("lib/python3*/site-packages")
    for package in host.iterdir():
        (user.site / package.name).symlink_to(package)
    user.before = user.packages()
    named = {}
    if settings == "named":
        named = {"PIP_CONFIG_FILE": str(shutil.move(user.settings, tmp_path / "pip.conf"))}

    folder = tmp_path / "run"
    folder.mkdir()
    pins = "".join(f'\n      - "{name}==1.0"' for name in PINNED)
    (folder / "pins.yaml").write_text(f"dependencies:\n  - python=3.12\n  - pip\n  - pip:{pins}\n")
    (folder / "Snakefile").write_text(SNAKEFILE.replace("SCRIPTS", repr(str(SCRIPTS))))
    look = LOOK.replace("NAMES", repr((*PINNED, THEIRS))).replace("TO", "snakemake.output[0]")
    (folder / "look.py").write_text(look)
    user.carry_out(
        *(sys._base_executable, "-m", "snakemake", "--use-conda", "--cores", "1"),
        *("-s", str(folder / "Snakefile"), "--directory", str(folder)),
        **named,
    )
    assert_isolated(folder / "main.json")
    assert_isolated(folder / "nested.json")


def test_make_and_the_user_stay_apart(user, tmp_path):
    """`make setup` with a lock of a few small packages, and what `make` starts in that environment."""
    lock, venv, look = tmp_path / "pins.lock", tmp_path / "venv", tmp_path / "look.py"
    hashes = [
        hashlib.sha256((user.wheels / f"{name}-1.0-py3-none-any.whl").read_bytes()).hexdigest() for name in PINNED
    ]
    lock.write_text("".join(f"{name}==1.0 --hash=sha256:{sum}\n" for name, sum in zip(PINNED, hashes, strict=True)))
    look.write_text(LOOK.replace("NAMES", repr((*PINNED, THEIRS))).replace("TO", "sys.argv[1]"))
    user.carry_out(
        *("make", "-C", str(REPOSITORY), "run", f"PYTHON={sys._base_executable}", f"LOCK={lock}", f"VENV={venv}"),
        *("BOARD=", f"SNAKEMAKE={venv}/bin/python", f"FLAGS={look} {tmp_path}/made.json"),
        PIP_PYTHON=sys._base_executable,
    )
    assert_isolated(tmp_path / "made.json")
    assert json.loads((tmp_path / "made.json").read_text())["prefix"] == str(venv)

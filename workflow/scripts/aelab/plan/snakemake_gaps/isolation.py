"""Keep environments and a user's own packages apart, both when an environment is made and when a job runs in it.

Python in a conda environment also finds what `pip install --user` has installed in the home folder, even before the
environment's own packages. While an environment is made, pip finds these packages, does not install what is there and
uninstalls what is there in another version (conda#7173). Snakemake passes the user's variables on to conda and to
scripts, and makes its own packages visible to scripts (#840). Conda could set `PYTHONNOUSERSITE` while it makes an
environment. Snakemake could do so for jobs, and take its own packages off a script's path as soon as the object
`snakemake` is loaded.

Variables are set for conda and for jobs alone, not for Snakemake, which may itself be among the user's packages. This
applies to the process that was started by hand and to those of submitted jobs.
"""

import configparser
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from snakemake.deployment.conda import Env
from snakemake.script import PythonScript
from snakemake.settings.types import DeploymentMethod
from snakemake.shell import shell
from snakemake.workflow import Workflow

LIBRARY = Path(__file__).resolve().parents[3]

# Settings of pip with which it installs elsewhere than into the environment that it belongs to.
ELSEWHERE = ("user", "target", "prefix", "root", "python")


def isolate(workflow: Workflow) -> None:
    """Make environments and run scripts without the user's packages.

    Parameters
    ----------
    workflow : snakemake.workflow.Workflow
        The workflow that is being read. If it runs jobs without conda, they run in the environment of `snakemake`
        itself, which stays as it is.
    """
    Env.create = made_apart(Env.create)
    PythonScript.get_preamble = with_own_packages_alone(PythonScript.get_preamble)
    if DeploymentMethod.CONDA in workflow.deployment_settings.deployment_method:
        # The first part is what Snakemake says by itself. It takes PYTHONPATH away from these jobs by itself, too.
        shell.prefix("set -euo pipefail; export PYTHONNOUSERSITE=1; unset PYTHONHOME; ")


def made_apart(make: Callable) -> Callable:
    """Change Snakemake's method that makes an environment so that it does not find the user's packages.

    Parameters
    ----------
    make : callable
        `snakemake.deployment.conda.Env.create`.

    Returns
    -------
    callable
        The method to put in its place.
    """

    def create(env: Env, dryrun: bool = False) -> str:
        with users_packages_apart():
            return make(env, dryrun)

    return create


def with_own_packages_alone(write: Callable) -> Callable:
    """Change Snakemake's method that writes the lines before a script.

    These lines still find Snakemake's packages, the script finds those of its environment alone.

    Parameters
    ----------
    write : callable
        `snakemake.script.PythonScript.get_preamble`. Its lines add all packages of Snakemake's environment to the path,
        so that the script's object `snakemake` can be loaded.

    Returns
    -------
    callable
        The method to put in its place.
    """

    def get_preamble(script: PythonScript) -> str:
        lines = write(script)
        if not script.conda_env:
            return lines
        folders = [script.path.get_basedir().get_path_or_uri(secret_free=True), str(LIBRARY)]
        return (
            f"import sys; path_of_environment = sys.path[:]\n{lines}sys.path[:] = path_of_environment + {folders!r}\n"
        )

    return get_preamble


@contextmanager
def users_packages_apart() -> Iterator[None]:
    """Let the processes that the block starts find and change only packages in their own environment.

    After the block, the environment variables of this process are as before.
    """
    before = dict(os.environ)
    settings = settings_of_pip()
    with tempfile.NamedTemporaryFile("w", prefix="pip-", suffix=".conf") as file:
        try:
            for name in ("PYTHONPATH", "PYTHONHOME", *(f"PIP_{key.upper()}" for key in ELSEWHERE)):
                os.environ.pop(name, None)
            os.environ.update(PYTHONNOUSERSITE="1", PIP_REQUIRE_VIRTUALENV="0")
            if settings:
                settings.write(file)
                file.flush()
                os.environ["PIP_CONFIG_FILE"] = file.name
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)


def settings_of_pip() -> configparser.RawConfigParser | None:
    """Read the user's settings of pip, such as a mirror, without those that make it install elsewhere.

    For pip, an empty setting in a file undoes that of another file, which an empty variable does not. pip reads either
    the file that PIP_CONFIG_FILE names or those in the home folder.

    Returns
    -------
    configparser.RawConfigParser or None
        None if pip is told to read no settings, or would not understand them. It then says so itself.
    """
    named = os.environ.get("PIP_CONFIG_FILE", "")
    if named == os.devnull:
        return None
    home = Path(os.path.expanduser("~"))
    folders = [home / ".pip", Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config") / "pip"]
    folders.append(home / "Library" / "Application Support" / "pip")
    settings = configparser.RawConfigParser()
    try:
        settings.read(named if os.path.exists(named) else [folder / "pip.conf" for folder in folders])
    except (configparser.Error, UnicodeDecodeError):
        return None
    for section in ("global", "install"):
        if not settings.has_section(section):
            settings.add_section(section)
        for key in ELSEWHERE:
            settings.set(section, key, "")
    return settings

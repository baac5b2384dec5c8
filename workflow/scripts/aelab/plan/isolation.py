"""No environment of ours sees or changes a user's own packages, neither when it is made nor when it runs.

Conda's environments take in what `pip install --user` has put into the home, and before their own packages: while one
is made, pip finds those packages, skips what is there and uninstalls what is there in another version (conda#7173).
Snakemake hands on to conda and to scripts whatever it finds, and shows its own packages to scripts (snakemake#840).

Variables are set for conda and for jobs alone, not for Snakemake, which may itself be among the user's packages.

`snakemake` imports it, in the process that was started by hand and in those of submitted jobs.
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

from aelab.plan.provenance import WORKFLOW

# Settings of pip with which it installs elsewhere than into the environment that it belongs to.
ELSEWHERE = ("user", "target", "prefix", "root", "python")


def isolate(workflow: Workflow) -> None:
    """Have a workflow make its environments and run its scripts with the user's packages out of reach.

    Parameters
    ----------
    workflow : snakemake.workflow.Workflow
        The workflow that is being read. Where it runs jobs without conda, they run in the environment of `snakemake`
        itself, which stays as it is.
    """
    Env.create = made_apart(Env.create)
    PythonScript.get_preamble = with_own_packages_alone(PythonScript.get_preamble)
    if DeploymentMethod.CONDA in workflow.deployment_settings.deployment_method:
        # The first part is what Snakemake says by itself. It takes PYTHONPATH away from these jobs by itself, too.
        shell.prefix("set -euo pipefail; export PYTHONNOUSERSITE=1; unset PYTHONHOME; ")


def made_apart(make: Callable) -> Callable:
    """Snakemake's method that makes an environment, with the user's packages out of its reach.

    Parameters
    ----------
    make : callable
        `snakemake.deployment.conda.Env.create`.

    Returns
    -------
    callable
        A method for its place.
    """

    def create(env: Env, dryrun: bool = False) -> str:
        with users_packages_apart():
            return make(env, dryrun)

    return create


def with_own_packages_alone(write: Callable) -> Callable:
    """Snakemake's method that writes the lines before a script: they find Snakemake, the script only its environment.

    Parameters
    ----------
    write : callable
        `snakemake.script.PythonScript.get_preamble`. Its lines add all of the host's packages to the path, so that
        the script's `snakemake` can be loaded.

    Returns
    -------
    callable
        A method for its place.
    """

    def get_preamble(script: PythonScript) -> str:
        lines = write(script)
        if not script.conda_env:
            return lines
        folders = [script.path.get_basedir().get_path_or_uri(secret_free=True), str(WORKFLOW / "scripts")]
        return (
            f"import sys; path_of_environment = sys.path[:]\n{lines}sys.path[:] = path_of_environment + {folders!r}\n"
        )

    return get_preamble


@contextmanager
def users_packages_apart() -> Iterator[None]:
    """A block in which the processes that are started find and touch no packages outside of their environment.

    What this process has in its own environment variables is as before after the block.
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
    """The user's settings of pip (a mirror, say) without those that install elsewhere.

    For pip an empty setting in a file undoes another file's; an empty variable does not. pip reads either the file
    that PIP_CONFIG_FILE names or those in the home.

    Returns
    -------
    configparser.RawConfigParser or None
        None where pip is told to read no settings, or would not understand them: it then says so itself.
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

"""Close the gaps that matter before the rules are read."""

import argparse
import gc
import os
import shlex
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from snakemake.common.workdir_handler import WorkdirHandler
from snakemake.workflow import Workflow

from aelab.errors import LabError


def plan_without_garbage_collection() -> None:
    """Collect garbage rarely, which makes planning 20 % faster.

    A plan consists of many objects, few of which are ever discarded. Snakemake could freeze what it has loaded before
    it builds its graph (#1575 asks for faster planning).
    """
    gc.freeze()
    gc.set_threshold(200_000, 20, 100)


def quote_the_interpreter() -> None:
    """Quote the interpreter's path if it contains a space, as in a folder named "my projects".

    Snakemake starts `{sys.executable} script` in a shell without quotes (#2645, open since 2024). `{py_exec:q}` in
    Snakemake would do.
    """
    if " " in sys.executable and not sys.executable.startswith("'"):
        sys.executable = shlex.quote(sys.executable)


def forget_compiled_files(code: str | Path) -> None:
    """Remove compiled files, so that jobs run the code whose digest is in their spec.

    Python recognises that a compiled file is out of date by its source's time and size alone. An edit that keeps both
    would run the old code under the new digest. Snakemake could start scripts with a `PYTHONPYCACHEPREFIX` of each run.

    Parameters
    ----------
    code : str or Path
        The folder that holds the workflow's code. Another process may do the same there at the same time.
    """
    for folder, _, _ in os.walk(code):
        shutil.rmtree(Path(folder) / "__pycache__", ignore_errors=True)


def started_in() -> Path:
    """Return the folder in which the command `snakemake` was given. `--directory` names another one to work in.

    Snakemake has left it before it reads a workflow; what changes back afterwards remembers it. `Workflow` could.
    """
    frame = sys._getframe()
    while frame := frame.f_back:
        handler = getattr(frame.f_locals.get("self"), "_workdir_handler", None)
        if isinstance(handler, WorkdirHandler) and handler.olddir:
            return Path(handler.olddir)
    return Path.cwd()


def refuse_unknown_profile(arguments: Sequence[str], code: str | Path) -> None:
    """Refuse the name of a workflow profile that does not exist.

    Snakemake ignores such a name: the run starts on this machine, without the lines that every profile of this workflow
    has. Snakemake could refuse it, as it does for `--profile`.

    Parameters
    ----------
    arguments : sequence of str
        The arguments of the command `snakemake`.
    code : str or Path
        The folder of the main Snakefile, beside which profiles may lie.

    Raises
    ------
    LabError
        If there is no such profile.
    """
    parser = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    parser.add_argument("--workflow-profile")
    try:
        name = parser.parse_known_args(list(arguments))[0].workflow_profile
    except argparse.ArgumentError:
        return  # Snakemake has said so
    if name in (None, "none"):
        return
    folders = [started_in() / "profiles", Path(code) / "profiles"]
    if not any(place.exists() for place in [started_in() / name, *(folder / name for folder in folders)]):
        there = sorted({path.parent.name for folder in folders for path in folder.glob("*/config.yaml")})
        raise LabError(f"there is no workflow profile {name}; profiles/ has: {', '.join(there) or 'none'}")


def check_accelerator(workflow: Workflow, config: Mapping[str, Any]) -> None:
    """Check that a run that is given GPUs is told to train on them.

    `--config` on the command line replaces that of a profile, so that `profiles/gpu` would be left with its GPU and
    without `accelerator=gpu`. Snakemake could add up what both say.

    Parameters
    ----------
    workflow : snakemake.workflow.Workflow
        The workflow that is being read.
    config : dict
        The complete configuration.

    Raises
    ------
    LabError
        If GPUs are a resource of the run, and models are not to be trained on them.
    """
    given = workflow.global_resources.get("gpu")
    if workflow.is_main_process and given is not None and given.value and config["accelerator"] != "gpu":
        raise LabError(
            "this run has GPUs (--resources gpu) and is not told to train on them: --config on the command line "
            "replaces that of a profile. Add accelerator=gpu to it."
        )

"""Close the gaps that matter before the rules are read."""

import gc
import os
import shlex
import shutil
import sys
from pathlib import Path


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

"""Which GPUs this machine has, and which of them a job takes.

Snakemake counts GPUs (`--resources gpu=2`) and says to no job which one is free; TensorFlow takes the first. Here each
job holds a place as long as it lives, and places go round the cards: with as many places as cards every training has a
card of its own, with more places trainings share cards. Which card a training runs on is in no digest.
"""

import itertools
import os
import shutil
import subprocess
from pathlib import Path
from typing import TextIO

from aelab.errors import LabError
from aelab.jobs import locks

VARIABLE = "CUDA_VISIBLE_DEVICES"
DEVICES = Path("/dev")

# The places that this process holds: it is free again when the process ends, however it ends.
held: list[TextIO] = []


def cards() -> list[str]:
    """Return the names under which CUDA knows the GPUs that this process may use."""
    named = os.environ.get(VARIABLE)
    if named is not None:
        # CUDA heeds no name after one that it does not know, such as -1.
        return list(itertools.takewhile(lambda name: name and name != "-1", map(str.strip, named.split(","))))
    if shutil.which("nvidia-smi"):
        try:
            said = subprocess.run(["nvidia-smi", "--list-gpus"], capture_output=True, text=True, timeout=60)
        except (OSError, subprocess.TimeoutExpired):
            pass
        else:
            if said.returncode == 0:
                return [str(n) for n in range(sum(line.startswith("GPU ") for line in said.stdout.splitlines()))]
    return [str(n) for n in range(len(list(DEVICES.glob("nvidia[0-9]*"))))]


def check_present() -> None:
    """Check that this machine has a GPU.

    Raises
    ------
    LabError
        If it has none.
    """
    if not cards():
        hidden = f" ({VARIABLE} hides all)" if VARIABLE in os.environ else ""
        raise LabError(
            f"This run asks for a GPU, and this machine has none that CUDA can use{hidden}. Nothing was started. Leave "
            "the GPU out (no GPU=1, the default profile), or run where there is one."
        )


def take(folder: Path = Path(".snakemake")) -> str | None:
    """Take the first free place for this process, and let CUDA see its card alone.

    Parameters
    ----------
    folder : Path
        Where the places of a run are locked.

    Returns
    -------
    str or None
        The card; None if there is no card, or no file lock to hold a place with.
    """
    there = cards()
    if not there:
        return None
    for place in itertools.count():
        try:
            file = locks.acquire(folder / f"aelab_gpu_{place}")
        except (locks.NoLocks, OSError):
            return None
        if file is not None:
            held.append(file)
            os.environ[VARIABLE] = there[place % len(there)]
            return os.environ[VARIABLE]

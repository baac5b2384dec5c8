"""What runs leave behind when they are killed: partial files, checkpoints, locks, jobs in a queue.

The `snakemake` process imports this module, so that it uses the standard library alone.
"""

import base64
import binascii
import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

FINISHED = ".finished.npz"

_results: set[Path] = set()


def look_after(folder: str | Path) -> None:
    """Register a folder in which this process has results. If none is registered, it is the folder `results`."""
    _results.add(Path(folder))


def _looked_after() -> list[Path]:
    return sorted(_results) or [Path("results")]


def remove_partial_files() -> None:
    """Remove the temporary files that jobs were writing when they were killed."""
    for results in _looked_after():
        for file in _files(results):
            if file.name.startswith(".") and file.suffix == ".part":
                file.unlink(missing_ok=True)


def remove_finished_checkpoints(folder: Path = Path()) -> None:
    """Remove the checkpoints of finished trainings below `folder`, the working folder.

    A training is finished when its results exist and Snakemake has recorded them. Until then, Snakemake would delete
    the results and repeat the job, even if it was killed after its last write. The checkpoint then saves repeating the
    epochs.
    """
    started = unrecorded(folder)
    finished = [
        (each, path) for each in _looked_after() for path in (folder / each).glob(f"checkpoints/*/*/*{FINISHED}")
    ]
    for results, path in finished:
        model, seed = path.parts[-3:-1]
        names = ("weights.npz", "history.csv", "timings.json")
        outputs = {(results / "models" / model / seed / name).as_posix() for name in names}
        if not outputs & started and all((folder / output).exists() for output in outputs):
            shutil.rmtree(path.parent, ignore_errors=True)
            for empty in (path.parent.parent, path.parent.parent.parent):
                with contextlib.suppress(OSError):
                    empty.rmdir()


def unrecorded(folder: Path) -> set[str]:
    """Return the outputs of jobs that Snakemake has started and not yet recorded.

    Snakemake marks each with a file whose name is the output in base64. If that is too long for a file name, it is
    divided into folders, whose names begin with `@`.
    """
    names, markers = set(), folder / ".snakemake/incomplete"
    for marker in _files(markers):
        text = "".join(part.removeprefix("@") for part in marker.relative_to(markers).parts)
        with contextlib.suppress(binascii.Error, UnicodeDecodeError, ValueError):
            names.add(base64.urlsafe_b64decode(text).decode())
    return names


def cancel(submissions: str | None) -> str | None:
    """Cancel the jobs that a run has left in Slurm's queue; return a message for the user, or None."""
    if not submissions:
        return None
    try:
        command = ["scancel", "--me", "--name", submissions]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        said = done.stderr.strip() if done.returncode else None
    except (OSError, subprocess.TimeoutExpired) as error:
        said = str(error)
    if said:
        return (
            f"Jobs of an earlier run may still be in Slurm's queue: scancel failed ({said}). They write nothing any "
            f"more; to cancel them: {' '.join(command)}"
        )
    return None


def _files(folder: Path) -> Iterator[Path]:
    """Yield all files below a folder, even while other processes remove some of them."""
    return (Path(path) / name for path, _, names in os.walk(folder) for name in names)

"""The frame in which a script runs: its log file, its error messages and the check of its code."""

import json
import logging
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from aelab import numerics
from aelab.errors import LabError
from aelab.jobs import events, gpus, guards, record
from aelab.jobs.log import LogFile, log

# The folder to which the names of code files in a spec are relative (`aelab.plan.provenance`).
WORKFLOW = Path(__file__).resolve().parents[3]


@contextmanager
def job(snakemake: "snakemake.script.Snakemake") -> Iterator[None]:
    """Run the body of a script under Snakemake.

    The log file is open during the block, and the process ends soon after the run to which the job belongs. Before the
    block begins, the job is checked to be the one that was planned.

    Parameters
    ----------
    snakemake : snakemake.script.Snakemake
        The object that Snakemake gives to the script.

    Raises
    ------
    SystemExit
        In place of a `LabError`, whose message is printed without a traceback; also if the user interrupts the job or
        memory is exhausted. All other exceptions pass through; their traceback is written to the log file.
    """
    guards.watch()
    handler = LogFile(Path(snakemake.log[0]))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False
    where = f"{snakemake.rule} {' '.join(snakemake.wildcards)}".strip()
    events.begin_job(snakemake.output[0])
    try:
        guards.check_planned(snakemake.output[0], snakemake.params.spec)
        check_code(json.loads(snakemake.params.spec)["code"], (record.planned() or {}).get("time"))
        numerics.use_one_thread()
        numerics.keep_memory()
        if getattr(snakemake, "resources", {}).get("gpu"):
            gpus.take()
        yield
    except LabError as error:
        _fail(where, error)
    except KeyboardInterrupt:
        _fail(where, "interrupted")
    except Exception as error:
        log.error("%s", traceback.format_exc())
        if isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError":
            _fail(where, "there is too little memory. Allow the job more, or run fewer side by side (--cores).")
        events.tell("message", text=f"{type(error).__name__}: {error}")
        raise
    finally:
        handler.close()
        log.removeHandler(handler)


def _fail(where: str, reason: object) -> NoReturn:
    log.error("error: %s", reason)
    events.tell("message", text=str(reason))
    print(f"\nerror in {where}: {reason}\n", file=sys.stderr, flush=True)
    raise SystemExit(1) from None


def check_code(planned: Mapping[str, str], since: float | None, root: Path = WORKFLOW) -> None:
    """Check that the code of this job has not been edited since the run was planned.

    The digests that are recorded with the results must be those of the code that runs. Otherwise an edit that is later
    undone would leave its results under the digest of the original code.

    Parameters
    ----------
    planned : mapping of str to str
        The digest of each file, by its path relative to `root`.
    since : float or None
        When the run was planned, in seconds since 1970. Only files that have changed since then are read (by their
        ctime, which cannot be set at will). None, for a run of unknown time, checks nothing.
    root : Path
        The folder `workflow`.

    Raises
    ------
    LabError
        If a file was edited or removed.
    """
    touched = [] if since is None else [file for file in planned if not _untouched(root / file, since - 1)]
    if touched:
        from aelab.jobs.digests import file_digest

        edited = [file for file in touched if not (root / file).exists() or file_digest(root / file) != planned[file]]
        if edited:
            raise LabError(
                f"{', '.join(edited)} was edited after this run was planned. Start again: what is done stays done."
            )


def _untouched(path: Path, since: float) -> bool:
    try:
        return path.stat().st_ctime < since
    except OSError:
        return False

"""A job's frame: its log, its errors, ended in one line, its code."""

import json
import logging
import sys
import traceback
from contextlib import contextmanager
from pathlib import Path

from aelab import numerics
from aelab.errors import LabError
from aelab.jobs import runs
from aelab.jobs.log import LogFile, log

# What files of code are named relative to in a spec (`aelab.plan.provenance`).
WORKFLOW = Path(__file__).resolve().parents[3]


@contextmanager
def job(snakemake):
    """Run the body of a script under Snakemake with its log file open, for as long as its run lasts.

    A `LabError` ends the process with its message and no traceback; the log file has the whole
    story of any other error.
    """
    runs.watch()
    handler = LogFile(Path(snakemake.log[0]))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False
    where = f"{snakemake.rule} {' '.join(snakemake.wildcards)}".strip()
    try:
        runs.check_planned(snakemake.output[0], snakemake.params.spec)
        check_code(json.loads(snakemake.params.spec)["code"], (runs.planned() or {}).get("time"))
        numerics.use_one_thread()
        numerics.keep_memory()
        yield
    except LabError as error:
        _fail(where, error)
    except KeyboardInterrupt:
        _fail(where, "interrupted")
    except Exception as error:
        log.error("%s", traceback.format_exc())
        if isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError":
            _fail(where, "there is too little memory. Allow the job more, or run fewer side by side (--cores).")
        raise
    finally:
        handler.close()
        log.removeHandler(handler)


def _fail(where, reason):
    log.error("error: %s", reason)
    print(f"\nerror in {where}: {reason}\n", file=sys.stderr, flush=True)
    raise SystemExit(1) from None


def check_code(planned, since, root=WORKFLOW):
    """Raise `LabError` where code of this job was edited after the run was planned.

    `planned` maps files to the digests that are recorded with the results: they must be those of the
    code that runs, lest an edit that is taken back leaves results of its own under the old digest.
    Only files that were touched after `since`, seconds since 1970 (by their ctime, which nobody can set), are read;
    None where nobody knows when the run was planned.
    """
    touched = [] if since is None else [file for file in planned if not _untouched(root / file, since - 1)]
    if touched:
        from aelab.jobs.digests import file_digest

        edited = [file for file in touched if not (root / file).exists() or file_digest(root / file) != planned[file]]
        if edited:
            raise LabError(
                f"{', '.join(edited)} was edited after this run was planned. Start again: what is done stays done."
            )


def _untouched(path, since):
    try:
        return path.stat().st_ctime < since
    except OSError:
        return False

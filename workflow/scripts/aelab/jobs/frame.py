"""A job's frame: its log, its errors, ended in one line, its code, its threads, its memory."""

import contextlib
import ctypes
import logging
import os
import sys
import traceback
from contextlib import contextmanager
from pathlib import Path

from aelab import runs, specs
from aelab.errors import LabError

log = logging.getLogger("aelab")

SCRIPTS = Path(__file__).resolve().parent.parent
PLANNED = "AELAB_PLANNED"


@contextmanager
def job(snakemake):
    """Run the body of a script under Snakemake with its log file open, for as long as its run lasts.

    A `LabError` ends the process with its message and no traceback; the log file has the whole
    story of any other error.
    """
    runs.watch()
    handler = _LogFile(Path(snakemake.log[0]))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False
    where = f"{snakemake.rule} {' '.join(snakemake.wildcards)}".strip()
    try:
        check_code(specs.parse(snakemake.params.spec)["code"])
        use_one_thread()
        keep_memory()
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


class _LogFile(logging.StreamHandler):
    """A log file of this process alone: one left over from before may still write to its own.

    What cannot be written (a full disk) is left out: the results tell whether the job went well.
    """

    def __init__(self, path):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            self.file = open(path, "w", encoding="utf-8")
        except OSError:
            self.file = open(os.devnull, "w", encoding="utf-8")
        super().__init__(self.file)
        self.setFormatter(logging.Formatter("%(message)s"))

    def handleError(self, record):
        pass

    def close(self):
        with contextlib.suppress(OSError):
            self.file.close()
        super().close()


def check_code(planned, scripts=SCRIPTS):
    """Raise `LabError` where code of this job was edited after the run was planned.

    `planned` maps files to the digests that are recorded with the results: they must be those of the
    code that runs, lest an edit that is taken back leaves results of its own under the old digest.
    Only files that were touched since (by their ctime, which nobody can set) are read.
    """
    since = float(os.environ.get(PLANNED, "inf")) - 1
    touched = [file for file in planned if not _untouched(scripts / file, since)]
    if touched:
        from aelab.digests import file_digest

        edited = [
            file for file in touched if not (scripts / file).exists() or file_digest(scripts / file) != planned[file]
        ]
        if edited:
            raise LabError(
                f"{', '.join(edited)} was edited after this run was planned. Start again: what is done stays done."
            )


def _untouched(path, since):
    try:
        return path.stat().st_ctime < since
    except OSError:
        return False


def use_one_thread():
    """Numerics use one thread however many the job has: a sum in another order has other last bits."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
    os.environ.update(dict.fromkeys(names, "1"))  # for libraries that are loaded later
    with contextlib.suppress(ImportError):
        from threadpoolctl import threadpool_limits

        threadpool_limits(1)  # for those that are loaded already


def keep_memory():
    """Freed memory stays with the process, where its C library is glibc.

    Arrays of megabytes come and go between two layers of a network; given back, each is cleared anew by the kernel.
    """
    with contextlib.suppress(AttributeError, OSError):
        change = ctypes.CDLL(None).mallopt
        change(MMAP_THRESHOLD, 32 * 2**20)
        change(TRIM_THRESHOLD, 256 * 2**20)


# The numbers that <malloc.h> gives them.
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3


class Progress:
    """One line of progress on the terminal, owned by one job at a time.

    Jobs that run side by side would overwrite each other's line, so that the one that holds the
    terminal's lock shows its own and the others stay silent. Without a terminal nothing is shown.
    """

    def __init__(self, stream=None):
        self.stream = stream or sys.stderr
        self.owned = False
        if self.stream.isatty():
            try:
                import fcntl

                self.terminal = open(os.ttyname(self.stream.fileno()), "w")
                fcntl.flock(self.terminal, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self.owned = True
            except (ImportError, OSError):
                pass

    def show(self, text):
        """Replace the line by `text`."""
        if self.owned:
            self.stream.write(f"\r\033[K{text}")
            self.stream.flush()

    def close(self):
        """Clear the line and let another job have the terminal."""
        if self.owned:
            self.stream.write("\r\033[K")
            self.stream.flush()
            self.terminal.close()
            self.owned = False

"""`snakemake` that sends itself SIGTERM at the worst moment: while it records a finished job.

`python tests/terminated.py N [arguments of snakemake]` does so after N more jobs have finished, from inside
`JobScheduler._finish_jobs`, whose caller holds the scheduler's lock, and makes a file `terminated` before.
"""

import os
import signal
import sys
from pathlib import Path

from snakemake import cli
from snakemake.scheduling.job_scheduler import JobScheduler

FOLDER = Path.cwd()


def main(jobs, arguments):
    """Run Snakemake with the signal in it."""
    finish = JobScheduler._finish_jobs
    finished = 0

    def finish_and_terminate(scheduler):
        nonlocal finished
        before, finished = finished, finished + len(scheduler._tofinish)
        if before <= jobs < finished:
            assert scheduler._lock.locked()
            (FOLDER / "terminated").touch()
            os.kill(os.getpid(), signal.SIGTERM)
        finish(scheduler)

    JobScheduler._finish_jobs = finish_and_terminate
    cli.main(arguments)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])

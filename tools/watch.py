"""Watch a run that was started elsewhere, or whose jobs run on a cluster. `make watch` starts it.

`python tools/watch.py` shows the board of the run in this folder, or of the last one if none is at work, until the run
has ended. It reads the files that the processes of the run append to (`.snakemake/aelab_events`) and writes nothing:
start it and stop it as often as you like. Without a terminal it prints lines. `--once` shows the present state and
ends; `--json` prints it as one JSON document (`board.words.document`). `--replay` says how good the estimates of time
left were in a run that has ended. The exit status is 0, or 2 if there is no such run.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(REPOSITORY / "workflow" / "scripts"), str(REPOSITORY / "tools")]

from aelab.jobs import events, guards, record  # noqa: E402
from board import replay, show, words  # noqa: E402
from board.state import Run  # noqa: E402

PATIENCE = 5.0  # seconds between two looks at whether the process of a run is there


def there(name: str) -> bool:
    """Return whether the process of a run may still be there.

    Its lock can be tested on its own machine. Elsewhere, the run counts as there until it says that it has ended.
    """
    import socket

    here = name.split()[:1] == [socket.gethostname()]
    return record.recorded().get("run") == name and not guards.over(name, here)


def patient(name: Callable[[], str]) -> Callable[[], bool]:
    """Return a function that says whether a run is there, and looks only every `PATIENCE` seconds."""
    looked, found = float("-inf"), True

    def alive() -> bool:
        nonlocal looked, found
        if name() and time.monotonic() - looked >= PATIENCE:
            looked, found = time.monotonic(), there(name())
        return found

    return alive


def main(arguments: Sequence[str] | None = None) -> int:
    """Show a run as the command line says, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--directory", type=Path, default=Path(), help="the run's folder; by default this one")
    parser.add_argument("--once", action="store_true", help="show the present state and end")
    parser.add_argument("--json", action="store_true", help="print the present state as JSON")
    parser.add_argument("--replay", action="store_true", help="say how good the estimates of a finished run were")
    settings = parser.parse_args(arguments)
    try:
        os.chdir(settings.directory)
    except OSError as error:
        print(f"error: {settings.directory}: {error.strerror}.", file=sys.stderr)
        return 2
    folder = events.newest()
    if folder is None:
        print(f"error: no run has been at work in {Path().resolve()}.", file=sys.stderr)
        return 2
    if settings.json:
        run = Run(events.Reader(folder).new())
        print(json.dumps(words.document(run, time.time(), Path(), there(run.name)), indent=1))
        return 0
    if settings.replay:
        try:
            print(replay.table(replay.replayed(events.Reader(folder).new())))
        except ValueError as error:
            print(f"error: {error}.", file=sys.stderr)
            return 2
        return 0
    shown = show.shown(folder, Path(), sys.stdout)
    try:
        if settings.once:
            shown.look()
            shown.close(there(shown.run.name))
        else:
            show.follow(shown, patient(lambda: shown.run.name))
    except (KeyboardInterrupt, BrokenPipeError):
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())

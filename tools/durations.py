"""Write down what the jobs of a finished run took, so that the next runs know what to expect.

`python tools/durations.py` takes the events of the run in this folder (`aelab.jobs.events`) and writes
`workflow/scripts/aelab/plan/durations.json`. Jobs that this run did not have stay in it as they are. Run it after a
default run on a machine that does nothing else.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY / "workflow" / "scripts"))

from aelab.jobs import events  # noqa: E402
from aelab.plan.durations import TABLE  # noqa: E402


def measured(happened: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return what jobs took.

    Parameters
    ----------
    happened : iterable of dict
        The events of a run.

    Returns
    -------
    dict
        `seconds` and, for trainings, `work` and `kind`, by the name of the job; the mean of jobs of one name. Trainings
        that went on from a checkpoint are left out.
    """
    planned, found, resumed = {}, {}, set()
    for event in happened:
        if event["event"] == "plan":
            planned.update({job["job"]: job for job in event["jobs"]})
        elif event["event"] == "resumed":
            resumed.add(event["job"])
        elif event["event"] == "finished" and event.get("seconds") is not None and event["job"] not in resumed:
            found.setdefault(planned[event["job"]]["name"], []).append((event["seconds"], planned[event["job"]]))
    table = {}
    for name, jobs in found.items():
        table[name] = {"seconds": round(sum(seconds for seconds, _ in jobs) / len(jobs), 3)}
        job = jobs[0][1]
        if job.get("work"):
            table[name] |= {"work": round(job["work"], 3), "kind": job["kind"]}
    return table


def written(table: dict[str, dict[str, Any]]) -> str:
    """Return the content of the file: one job per line, in alphabetical order."""
    lines = [f"{json.dumps(name)}: {json.dumps(table[name])}" for name in sorted(table)]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the table, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--table", type=Path, default=TABLE, help="the file to write")
    settings = parser.parse_args(arguments)
    folder = events.newest()
    if folder is None:
        print(f"error: there are no events of a run in {events.FOLDER}.", file=sys.stderr)
        return 2
    new = measured(events.Reader(folder).new())
    old = json.loads(settings.table.read_text(encoding="utf-8")) if settings.table.exists() else {}
    settings.table.write_text(written({**old, **new}), encoding="utf-8")
    print(f"{len(new)} jobs measured, {len(old.keys() - new.keys())} kept from before: {settings.table}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""How good the estimates of time left were, from the events of a run that has ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from board.left import left
from board.state import Run
from board.words import duration, percent

PARTS = 10


@dataclass
class Estimate:
    """What the board said at one moment of a run.

    Parameters
    ----------
    elapsed : float
        The seconds since the run had begun.
    share : float
        The share of the planned work that was done.
    estimated, real : float
        The seconds that were left, as estimated and in truth.
    """

    elapsed: float
    share: float
    estimated: float
    real: float

    @property
    def of_left(self) -> float:
        """The error as a share of the time that was left."""
        return (self.estimated - self.real) / self.real if self.real else 0.0

    @property
    def of_whole(self) -> float:
        """The error as a share of the time that the run took."""
        return (self.estimated - self.real) / (self.elapsed + self.real)


def replayed(events: Sequence[dict[str, Any]]) -> list[Estimate]:
    """Return the estimates at every tenth of a run's time, its beginning included and its end not.

    Parameters
    ----------
    events : sequence of dict
        The events of a run, in the order of their times.

    Raises
    ------
    ValueError
        If the events are not those of a run in which all jobs are done.
    """
    whole = Run(events)
    if whole.begun is None or whole.state(alive=False) != "done" or not whole.jobs:
        raise ValueError("the run has not come to its end")
    end = max(job.ended for job in whole.jobs.values() if job.ended is not None)
    moments = [whole.begun + (end - whole.begun) * part / PARTS for part in range(PARTS)]
    found, run, rest = [], Run(), list(events)
    for now in moments:
        past = [event for event in rest if event["time"] <= now]
        rest = rest[len(past) :]
        run.apply(past)
        found.append(Estimate(now - whole.begun, run.share(), left(run, now), end - now))
    return found


def table(estimates: Sequence[Estimate]) -> str:
    """Return the estimates as a table of text, with their largest errors after the first tenth in the last line."""
    lines = ["elapsed        work  estimated left  really left     error, of the left  of the whole"]
    for each in estimates:
        lines.append(
            f"{duration(each.elapsed):<14} {percent(each.share):>4}  {duration(each.estimated):<14}  "
            f"{duration(each.real):<14}  {each.of_left:>+18.0%}  {each.of_whole:>+12.0%}"
        )
    later = estimates[1:]
    of_left, of_whole = (
        max((abs(getattr(each, what)) for each in later), default=0.0) for what in ("of_left", "of_whole")
    )
    lines.append(f"After the first tenth: at most {of_left:.0%} of the time left, {of_whole:.0%} of the whole run.")
    return "\n".join(lines)

"""Intervals for what was measured in a few runs, and verdicts by them.

A run is a training with a seed of its own; what is measured on its model is one value. There are three methods, for
three sorts of values:

- Numbers on a scale (errors, shares, losses): Student's t interval of the mean over runs, which is meant for few
  values. Differences are taken run by run first, so that what both sides have in common (noise, split, test images)
  drops out.
- A number that was printed of one training: the prediction interval of one further run, Student's t again. The printed
  number is reproduced if it could have come from such a run.
- Counts (how many of three points, which rank): whether the relation holds in most runs. The number of runs in which
  it holds is binomial; its interval is that of Clopper and Pearson (1934), exact for any number of runs.

SciPy computes both.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

CONFIDENCE = 0.95

REPRODUCED = "reproduced"
NOT_REPRODUCED = "not reproduced"
UNDECIDED = "undecided"


@dataclass(frozen=True)
class Interval:
    """The mean of a quantity over runs with the interval that holds its true mean with confidence `CONFIDENCE`.

    Attributes
    ----------
    mean : float
        Mean over runs.
    low, high : float
        Ends of the interval; infinite where one run says nothing of the spread.
    runs : int
        Number of runs.
    """

    mean: float
    low: float
    high: float
    runs: int


def over_runs(values: Sequence[float], exact: bool = False) -> Interval:
    """Return the mean of values over runs with Student's t interval.

    Parameters
    ----------
    values : sequence of float
        One value per run.
    exact : bool
        Whether the quantity is the same in every run (computed from the data alone): the interval is then a point.

    Returns
    -------
    Interval
        From minus to plus infinity for a single run, which does not show how much runs differ.
    """
    values = np.asarray(values, float)
    mean = float(values.mean())
    if exact:
        return Interval(mean, mean, mean, len(values))
    if len(values) < 2 or math.isnan(mean):
        return Interval(mean, -math.inf, math.inf, len(values))
    error = float(values.std(ddof=1)) / math.sqrt(len(values))
    reach = float(stats.t.ppf((1 + CONFIDENCE) / 2, len(values) - 1)) * error
    return Interval(mean, mean - reach, mean + reach, len(values))


def of_one_more(values: Sequence[float]) -> Interval:
    """Return the mean of values over runs with the interval that holds one further run.

    Parameters
    ----------
    values : sequence of float
        One value per run.

    Returns
    -------
    Interval
        Student's t prediction interval: wider than that of the mean by the square root of the number of runs plus one.
        From minus to plus infinity for a single run.
    """
    found = over_runs(values)
    reach = (found.high - found.mean) * math.sqrt(len(values) + 1)
    return Interval(found.mean, found.mean - reach, found.mean + reach, len(values))


def verdict_on_print(interval: Interval, low: float, high: float) -> str:
    """Say whether a printed number, known to lie between two bounds, could have come from one further run.

    Parameters
    ----------
    interval : Interval
        What `of_one_more` returns.
    low, high : float
        The printed number, less and plus half a unit of its last digit.

    Returns
    -------
    str
        `UNDECIDED` for a single run, `REPRODUCED` where the two intervals meet, else `NOT_REPRODUCED`.
    """
    if math.isinf(interval.low):
        return UNDECIDED
    return REPRODUCED if interval.low <= high and low <= interval.high else NOT_REPRODUCED


def verdict_on(interval: Interval, low: float, high: float) -> str:
    """Say whether a quantity lies between two bounds: by its whole interval, or it is undecided.

    Parameters
    ----------
    interval : Interval
        The measured quantity.
    low, high : float
        The bounds; infinite where there is none. They count as inside.

    Returns
    -------
    str
        `REPRODUCED` where the whole interval lies inside, `NOT_REPRODUCED` where it lies outside, else `UNDECIDED`.
    """
    if math.isnan(interval.mean):
        return NOT_REPRODUCED
    if low <= interval.low and interval.high <= high:
        return REPRODUCED
    if interval.high < low or interval.low > high:
        return NOT_REPRODUCED
    return UNDECIDED


def verdict_by_runs(holds: Sequence[bool], exact: bool = False) -> str:
    """Say whether something holds in most runs.

    Parameters
    ----------
    holds : sequence of bool
        Whether it holds, for each run.
    exact : bool
        Whether all runs are the same by nature, so that one is enough.

    Returns
    -------
    str
        `REPRODUCED` where the share of runs in which it holds is above one half with confidence `CONFIDENCE`
        (one-sided Clopper-Pearson bound, which five runs of five pass), `NOT_REPRODUCED` where it is below, else
        `UNDECIDED`.
    """
    if exact:
        return REPRODUCED if all(holds) else NOT_REPRODUCED
    count, runs = sum(map(bool, holds)), len(holds)
    bounds = {
        side: stats.binomtest(count, runs, alternative=side).proportion_ci(CONFIDENCE) for side in ("greater", "less")
    }
    if bounds["greater"].low > 0.5:
        return REPRODUCED
    if bounds["less"].high < 0.5:
        return NOT_REPRODUCED
    return UNDECIDED


def verdict_of_all(verdicts: Sequence[str]) -> str:
    """Return the verdict on a claim from those on its checks.

    One check that fails refutes the claim; one that is undecided leaves it undecided.
    """
    if NOT_REPRODUCED in verdicts:
        return NOT_REPRODUCED
    return UNDECIDED if UNDECIDED in verdicts else REPRODUCED

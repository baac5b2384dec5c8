"""Intervals over runs hold what they promise, and verdicts follow from them."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest

from aelab.analysis import intervals
from aelab.analysis.intervals import NOT_REPRODUCED, REPRODUCED, UNDECIDED
from aelab.report.claims import Quantities, checked

TRIALS = 4000
# Four standard errors of a share of `TRIALS` where the true one is `CONFIDENCE`.
SLACK = 4 * math.sqrt(intervals.CONFIDENCE * (1 - intervals.CONFIDENCE) / TRIALS)


@pytest.mark.parametrize("runs", [2, 3, 5])
def test_an_interval_covers_the_true_mean_as_often_as_it_says(runs):
    samples = np.random.default_rng(runs).normal(0.3, 2.0, (TRIALS, runs))
    found = [intervals.over_runs(sample) for sample in samples]
    covered = np.mean([each.low <= 0.3 <= each.high for each in found])
    assert abs(covered - intervals.CONFIDENCE) <= SLACK


@pytest.mark.parametrize("runs", [2, 5])
def test_a_prediction_interval_holds_one_further_run_as_often_as_it_says(runs):
    samples = np.random.default_rng(runs).normal(0.3, 2.0, (TRIALS, runs + 1))
    found = [intervals.of_one_more(sample[:-1]) for sample in samples]
    held = np.mean([each.low <= sample[-1] <= each.high for each, sample in zip(found, samples, strict=True)])
    assert abs(held - intervals.CONFIDENCE) <= SLACK


def test_a_difference_is_taken_run_by_run():
    """What all runs have in common with each other, here by far the largest part, does not widen the interval."""
    generator = np.random.default_rng(1)
    common, noise = generator.normal(0, 10, 5), generator.normal(0, 0.01, (2, 5))
    metrics = pd.DataFrame(
        [
            {"model": model, "seed": seed, "error": common[seed] + noise[n, seed] + shift}
            for n, (model, shift) in enumerate((("a", 0.0), ("b", 0.1)))
            for seed in range(5)
        ]
    )
    check = {"value": "metrics.a.error", "below": "metrics.b.error"}
    row = checked({"claim": "", "source": "", "published": "", "checks": [check]}, Quantities(metrics))
    assert row["verdict"] == REPRODUCED and row["seeds"] == 5


@pytest.mark.parametrize("runs", [3, 5, 8])
def test_a_verdict_by_runs_errs_seldom(runs):
    """Where something holds in half of all runs, either verdict comes up with a probability of at most 5 %."""
    outcomes = [intervals.verdict_by_runs(holds) for holds in itertools.product([False, True], repeat=runs)]
    for verdict in (REPRODUCED, NOT_REPRODUCED):
        assert outcomes.count(verdict) / 2**runs <= 1 - intervals.CONFIDENCE


def test_five_runs_of_five_decide():
    assert intervals.verdict_by_runs([True] * 5) == REPRODUCED
    assert intervals.verdict_by_runs([False] * 5) == NOT_REPRODUCED
    assert intervals.verdict_by_runs([True] * 4 + [False]) == UNDECIDED


@pytest.mark.parametrize(
    ("values", "check", "verdict"),
    [
        ([1.0, 1.01, 0.99], {"at_least": 0.9}, REPRODUCED),
        ([1.0, 1.01, 0.99], {"at_least": 1.1}, NOT_REPRODUCED),
        ([1.0, 1.01, 0.99], {"at_least": 1.0}, UNDECIDED),
        ([1.0, 1.01, 0.99], {"within": 0.1, "of": 1.05}, REPRODUCED),
        ([1.0, 1.01, 0.99], {"within": 0.01, "of": 1.0}, UNDECIDED),
        ([1.0, 1.01, 0.99], {"within": 0.01, "of": 2.0}, NOT_REPRODUCED),
        ([1.0], {"at_least": 0.9}, UNDECIDED),
        ([1.0], {"at_least": 0.9, "exact": True}, REPRODUCED),
        ([1.0], {"at_least": 1.1, "exact": True}, NOT_REPRODUCED),
        ([1.0, 1.01, 0.99], {"within": 0.0005, "of": 1.03, "by": "print"}, REPRODUCED),
        ([1.0, 1.01, 0.99], {"within": 0.0005, "of": 1.06, "by": "print"}, NOT_REPRODUCED),
        ([1.0], {"within": 0.0005, "of": 1.0, "by": "print"}, UNDECIDED),
        ([9, 9, 9, 9, 9], {"within": 0, "of": 9, "by": "runs"}, REPRODUCED),
        ([9, 9, 9, 9, 4], {"within": 0, "of": 9, "by": "runs"}, UNDECIDED),
    ],
)
def test_a_verdict_follows_from_the_whole_interval(values, check, verdict):
    answers = [pd.DataFrame({"answer": ["x"], "value": [value]}) for value in values]
    claim = {"claim": "", "source": "", "published": "", "checks": [{"value": "answers.x", **check}]}
    assert checked(claim, Quantities(pd.DataFrame({"model": []}), answers))["verdict"] == verdict


def test_published_and_corrected_models_have_verdicts_of_their_own():
    answers = [pd.DataFrame({"answer": ["published", "corrected"], "value": [0.1, 0.9]})]
    claim = {
        "claim": "It is large.",
        "source": "document",
        "published": "large",
        "checks": [{"value": "answers.published", "at_least": 0.5, "exact": True}],
        "corrected": [{"value": "answers.corrected", "at_least": 0.5, "exact": True}],
    }
    row = checked(claim, Quantities(pd.DataFrame({"model": []}), answers))
    assert (row["verdict"], row["corrected_verdict"]) == (NOT_REPRODUCED, REPRODUCED)
    assert (row["value"], row["corrected_value"]) == ("published 0.1", "corrected 0.9")


def test_one_claim_of_two_checks_holds_if_both_do():
    assert intervals.verdict_of_all([REPRODUCED, UNDECIDED]) == UNDECIDED
    assert intervals.verdict_of_all([UNDECIDED, NOT_REPRODUCED]) == NOT_REPRODUCED
    assert intervals.verdict_of_all([REPRODUCED, REPRODUCED]) == REPRODUCED

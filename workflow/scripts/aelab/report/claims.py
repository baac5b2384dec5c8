"""Claims as data: measured quantities by name, checks on them, texts that quote them.

A claim of a study's `claims.yaml` has checks on published models, whose verdict is on the publication, and checks on
corrected ones (`corrected`), whose verdict stands beside it. All checks of a list have to hold. Each is judged over the
runs that there are, by an interval (`aelab.analysis.intervals`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from aelab.analysis import intervals
from aelab.errors import LabError

NOT_APPLICABLE = "not applicable"
NOT_MEASURED = "not measured"
NOT_IN_THIS_RUN = "(not in this run)"
VERDICTS = (intervals.REPRODUCED, intervals.NOT_REPRODUCED, intervals.UNDECIDED)

RELATIONS: dict[str, Callable[[float, float], bool]] = {
    "at_least": lambda value, bound: value >= bound,
    "at_most": lambda value, bound: value <= bound,
    "above": lambda value, bound: value > bound,
    "below": lambda value, bound: value < bound,
}
LOWER_BOUNDS = ("at_least", "above")

COLUMNS = [
    "study",
    "claim",
    "source",
    "place",
    "certainty",
    "published",
    "value",
    "interval",
    "seeds",
    "verdict",
    "corrected_value",
    "corrected_interval",
    "corrected_seeds",
    "corrected_verdict",
    "why",
]


# Sources of claims that nobody published: what follows from the data, and what was only asked.
UNPUBLISHED = ("computed", "assignment")


class Quantities:
    """Measured values by name.

    `metrics.<model>.<column>` is a column of `metrics.csv`, `answers.<name>` one of the study's answers: both have one
    value per run. `claims.reproduced`, `claims.not_reproduced`, `claims.undecided` and `claims.all` count claims
    that were published: what is computed here and what an assignment asks are not among them.
    `data.word`, `data.words`, `data.pixels`, `data.train`, `data.test` and `data.images` say what the images show and
    how many there are.

    Parameters
    ----------
    metrics : pandas.DataFrame
        The table `metrics.csv`: a row per model and seed.
    answers : sequence of pandas.DataFrame, optional
        The study's answers of each run: columns `answer` and `value`.
    claims : pandas.DataFrame, optional
        The ledger, for texts that count verdicts.
    data : dict, optional
        What the data set is called.
    """

    def __init__(
        self,
        metrics: pd.DataFrame,
        answers: Sequence[pd.DataFrame] = (),
        claims: pd.DataFrame | None = None,
        data: dict[str, Any] | None = None,
    ) -> None:
        self.data = data or {}
        self.metrics = metrics
        self.answers = [dict(zip(table["answer"], table["value"], strict=True)) for table in answers]
        self.claims = claims

    def runs(self, name: str) -> np.ndarray:
        """Return the values of a measured quantity, one per run, in the order of the seeds.

        Raises
        ------
        LabError
            Where nothing of that name was measured.
        """
        source, _, rest = str(name).partition(".")
        values = None
        if source == "metrics":
            model, _, column = rest.partition(".")
            rows = self.metrics[self.metrics["model"] == model]
            if len(rows) and column in rows and rows[column].notna().any():
                values = rows.sort_values("seed")[column].to_numpy(float)
        elif source == "answers" and self.answers and all(rest in answers for answers in self.answers):
            values = np.array([answers[rest] for answers in self.answers], float)
        if values is None:
            raise LabError(f"nothing named {name} was measured; a claim or a caption asks for it.")
        return values

    def __getitem__(self, name: str) -> float | str | Sequence[str]:
        """Return the mean of a quantity over runs, a count of claims, or what the data set is called."""
        source, _, rest = str(name).partition(".")
        if source == "claims" and self.claims is not None:
            verdicts = self.claims.loc[~self.claims["source"].isin(UNPUBLISHED), "verdict"]
            if rest == "all":
                return int(verdicts.isin(VERDICTS).sum())
            if rest.replace("_", " ") in VERDICTS:
                return int((verdicts == rest.replace("_", " ")).sum())
        if source == "data" and rest in self.data:
            return self.data[rest]
        return float(self.runs(name).mean())

    def filled(self, text: str, absent: str | None = None) -> str:
        """Return a text with each `{name}` or `{name:format}` replaced by its value.

        The format `class` gives the name of the class of that number, of the commonest one if runs differ. The format
        `classes` lists the classes of which most runs say that `<name>.<number of the class>` holds. Text between `[[`
        and `]]` is left out where a value in it was not measured.

        Parameters
        ----------
        text : str
            A text of a claim or a caption.
        absent : str, optional
            What stands for a value that was not measured.

        Raises
        ------
        LabError
            Where a value was not measured and `absent` is not given, or where a format does not fit its value.
        """

        def value(match: re.Match) -> str:
            try:
                if match[2] == "class":
                    return self.data["classes"][np.bincount(self.runs(match[1]).astype(int)).argmax()]
                if match[2] == "classes":
                    return self.listed(match[1])
                return format(self[match[1]], match[2] or "")
            except LabError:
                if absent is None:
                    raise
                return absent
            except ValueError as error:
                raise LabError(f"{match[0]} in a claim or a caption: {error}.") from None

        def optional(match: re.Match) -> str:
            try:
                return self.filled(match[1])
            except LabError:
                return ""

        text = re.sub(r"\[\[(.*?)\]\]", optional, text, flags=re.DOTALL)
        return re.sub(r"\{([a-z_]+(?:\.[A-Za-z0-9_]+)+)(?::([^}]*))?\}", value, text)

    def listed(self, name: str) -> str:
        """Return the names of the classes of which something holds in most runs, as in `0, 1 and 6`, or `none`."""
        *most, last = [each for n, each in enumerate(self.data["classes"]) if self[f"{name}.{n}"] > 0.5] or ["none"]
        return f"{', '.join(most)} and {last}" if most else last


def bounds_of(check: dict[str, Any]) -> dict[str, Any]:
    """Return the relations of a check with their bounds: numbers, or names of other quantities."""
    if "within" in check:
        return {"at_least": check["of"] - check["within"], "at_most": check["of"] + check["within"]}
    bounds = {word: check[word] for word in RELATIONS if word in check}
    if not bounds:
        raise LabError(f"the check of {check['value']} says none of within, {', '.join(RELATIONS)}.")
    return bounds


def judged(check: dict[str, Any], quantities: Quantities) -> dict[str, Any]:
    """Return what a check found.

    Parameters
    ----------
    check : dict
        `value`, the name of a quantity, and `within` x `of` y, or one or more of `at_least`, `at_most`, `above`,
        `below` with a number or the name of another quantity, with which it is then compared run by run. With `by:
        runs`, for counts: the relation has to hold in most runs. With `by: print`, for a number that was printed of one
        training: `within` of it, one further run could lie. With `exact: true`: the quantity is the same in every
        run, since it is computed from the data alone.
    quantities : Quantities
        What was measured.

    Returns
    -------
    dict
        `value`, `interval` and `seeds` of the quantity, and the `verdict`.
    """
    exact, values = check.get("exact", False), quantities.runs(check["value"])
    found = {"value": check["value"], "interval": intervals.over_runs(values, exact)}
    if check.get("by") == "print":
        further = intervals.of_one_more(values)
        verdict = intervals.verdict_on_print(further, check["of"] - check["within"], check["of"] + check["within"])
        return {**found, "interval": further, "verdict": verdict}
    verdicts, holds = [], np.ones(len(values), bool)
    for word, given in bounds_of(check).items():
        bound = quantities.runs(given) if isinstance(given, str) else np.array([float(given)])
        own, other = paired(values, bound)
        if check.get("by") == "runs":
            holds = holds[: len(own)] & np.array([RELATIONS[word](a, b) for a, b in zip(own, other, strict=True)], bool)
            continue
        limits = (0, math.inf) if word in LOWER_BOUNDS else (-math.inf, 0)
        verdicts.append(intervals.verdict_on(intervals.over_runs(own - other, exact), *limits))
    if check.get("by") == "runs":
        verdicts = [intervals.verdict_by_runs(holds, exact)]
    return {**found, "verdict": intervals.verdict_of_all(verdicts)}


def paired(values: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the runs that two quantities have in common; one of a single run stands beside every run of the other."""
    if len(others) == 1:
        return values, np.repeat(others, len(values))
    if len(values) == 1:
        return np.repeat(values, len(others)), others
    common = min(len(values), len(others))
    return values[:common], others[:common]


def checked(claim: dict[str, Any], quantities: Quantities) -> dict[str, Any]:
    """Return a claim's row of the ledger, with the keys `COLUMNS` but for the study.

    A claim with the key `data` is about numbers that were published for that data set: of others it says nothing.
    """
    row = {
        "claim": quantities.filled(claim["claim"]),
        "source": claim["source"],
        "place": claim.get("place", ""),
        "certainty": claim.get("certainty", ""),
        "published": claim["published"],
    }
    name = quantities.data.get("identity")
    if claim.get("data", name) != name:
        found = {"verdict": NOT_APPLICABLE}
        why = f"published for {claim['data']}; the images here are {name}"
        return {**row, **found, "corrected_verdict": NOT_APPLICABLE if claim.get("corrected") else "", "why": why}
    missing = []
    for prefix, checks in (("", claim.get("checks", [])), ("corrected_", claim.get("corrected", []))):
        try:
            row |= {f"{prefix}{key}": value for key, value in found_by(checks, quantities).items()}
        except LabError as error:
            row[f"{prefix}verdict"] = NOT_MEASURED
            missing.append(str(error))
    row["why"] = " ".join(missing) or quantities.filled(claim.get("why", ""), NOT_IN_THIS_RUN)
    return row


def found_by(checks: list[dict[str, Any]], quantities: Quantities) -> dict[str, Any]:
    """Return value, interval, seeds and verdict of a list of checks, in words; without checks, empty words."""
    if not checks:
        return {"value": "", "interval": "", "seeds": "", "verdict": ""}
    found = [judged(check, quantities) for check in checks]
    return {
        "value": "; ".join(f"{shown(each['value'])} {each['interval'].mean:.4g}" for each in found),
        "interval": "; ".join(in_words(each["interval"]) for each in found),
        "seeds": min(each["interval"].runs for each in found),
        "verdict": intervals.verdict_of_all([each["verdict"] for each in found]),
    }


def in_words(interval: intervals.Interval) -> str:
    """Return an interval as the ledger shows it."""
    if math.isinf(interval.low):
        return "one run"
    return f"{interval.low:.4g} to {interval.high:.4g}"


def shown(name: str) -> str:
    """Return a quantity's name as the table shows it, without its source."""
    return name.split(".", 1)[1]

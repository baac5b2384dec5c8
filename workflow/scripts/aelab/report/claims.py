"""Check claims and fill in texts. Claims are data: names of measured quantities, and conditions on their values.

A claim is reproduced if all its checks hold.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from aelab.errors import LabError

if TYPE_CHECKING:
    import pandas as pd


class Quantities:
    """Measured values by name.

    - `metrics.<model>.<column>`: the mean of a column of `metrics.csv` over the seeds of a model.
    - `answers.<name>`: an answer of the study.
    - `claims.reproduced`, `claims.all`: the number of claims that were reproduced, and of those that were judged.
    - `data.<name>`: a property of the data set, for example `data.words` or `data.pixels`.

    Parameters
    ----------
    metrics : pandas.DataFrame
        The table `metrics.csv`, with one row per model and seed.
    answers : pandas.DataFrame, optional
        The answers of the study, in the columns `answer` and `value`.
    claims : pandas.DataFrame, optional
        The table `claims.csv`, for texts that count verdicts.
    data : dict, optional
        The properties of the data set (`aelab.plan.dataset.Dataset.quantities`).
    """

    def __init__(
        self,
        metrics: pd.DataFrame,
        answers: pd.DataFrame | None = None,
        claims: pd.DataFrame | None = None,
        data: dict[str, Any] | None = None,
    ) -> None:
        self.data = data or {}
        self.metrics = metrics
        self.answers = {} if answers is None else dict(zip(answers["answer"], answers["value"], strict=True))
        self.claims = claims

    def __getitem__(self, name: str) -> float | str | Sequence[str]:
        """Return the value of a name: a number, or any type for `data`.

        Raises
        ------
        LabError
            If nothing of that name was measured.
        """
        source, _, rest = str(name).partition(".")
        if source == "metrics":
            model, _, column = rest.partition(".")
            rows = self.metrics[self.metrics["model"] == model]
            if len(rows) and column in rows and rows[column].notna().any():
                return float(rows[column].mean())
        elif source == "answers" and rest in self.answers:
            return float(self.answers[rest])
        elif source == "claims" and self.claims is not None and rest in ("reproduced", "all"):
            verdicts = self.claims["verdict"]
            return int((verdicts == "reproduced").sum()) if rest == "reproduced" else int(verdicts.isin(VERDICTS).sum())
        elif source == "data" and rest in self.data:
            return self.data[rest]
        raise LabError(f"nothing named {name} was measured; a claim or a caption asks for it.")

    def filled(self, text: str, absent: str | None = None) -> str:
        """Return a text with each `{name}` or `{name:format}` replaced by the value of the name.

        The format `class` gives the name of the class of that number. Text between `[[` and `]]` is left out if a value
        in it was not measured.

        Parameters
        ----------
        text : str
            The text of a claim or a caption.
        absent : str, optional
            The text to use for other values that were not measured.

        Raises
        ------
        LabError
            If a value was not measured and `absent` is not given, or if a format does not fit its value.
        """

        def value(match: re.Match) -> str:
            try:
                if match[2] == "class":
                    return self.data["classes"][int(self[match[1]])]
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


VERDICTS = ("reproduced", "not reproduced")
NOT_APPLICABLE = "not applicable"
RELATIONS = {
    "at_least": lambda value, bound: value >= bound,
    "at_most": lambda value, bound: value <= bound,
    "above": lambda value, bound: value > bound,
    "below": lambda value, bound: value < bound,
}


def holds(check: Mapping[str, Any], quantities: Quantities) -> bool:
    """Decide whether a check holds.

    Parameters
    ----------
    check : mapping
        `value`, the name of a quantity, and either `within` and `of`, two numbers, or one or more keys of `RELATIONS`
        with a number or the name of another quantity.
    quantities : Quantities
        What was measured.

    Returns
    -------
    bool
        False if the value is NaN.

    Raises
    ------
    LabError
        If a quantity was not measured, or if the check has no condition.
    """
    value = quantities[check["value"]]
    if math.isnan(value):
        return False
    if "within" in check:
        return abs(value - check["of"]) <= check["within"]
    relations = [word for word in RELATIONS if word in check]
    if not relations:
        raise LabError(f"the check of {check['value']} has none of within, {', '.join(RELATIONS)}.")

    def bound(given: str | float) -> float:
        return quantities[given] if isinstance(given, str) else given

    return all(RELATIONS[word](value, bound(check[word])) for word in relations)


def checked(claim: Mapping[str, Any], quantities: Quantities) -> dict[str, Any]:
    """Check a claim.

    Parameters
    ----------
    claim : mapping
        `claim`, `published` and `checks`, and possibly `why` and `data`, the name of the data set for which numbers
        were published. On other data sets the claim is not judged.
    quantities : Quantities
        What was measured.

    Returns
    -------
    dict
        The row of the claim in `claims.csv`: `claim`, `published`, `measured`, `verdict` and `why`.
    """
    name = quantities.data.get("identity")
    if claim.get("data", name) != name:
        return {
            "claim": quantities.filled(claim["claim"]),
            "published": claim["published"],
            "measured": measured_of(claim, quantities),
            "verdict": NOT_APPLICABLE,
            "why": f"published for {claim['data']}; the images here are {name}",
        }
    try:
        measured = measured_of(claim, quantities, strict=True)
        reproduced = all(holds(check, quantities) for check in claim["checks"])
        verdict, why = VERDICTS[0 if reproduced else 1], quantities.filled(claim.get("why", ""))
    except LabError as error:
        measured, verdict, why = "", "not measured", str(error)
    return {
        "claim": quantities.filled(claim["claim"]),
        "published": claim["published"],
        "measured": measured,
        "verdict": verdict,
        "why": why,
    }


def measured_of(claim: Mapping[str, Any], quantities: Quantities, strict: bool = False) -> str:
    """Return the measured values of a claim as text.

    Parameters
    ----------
    claim : mapping
        The claim.
    quantities : Quantities
        What was measured.
    strict : bool
        Whether to raise an error for a value that was not measured, instead of leaving it out.

    Raises
    ------
    LabError
        See `strict`.
    """
    values = []
    for check in claim["checks"]:
        try:
            values.append(f"{shown(check['value'])} {quantities[check['value']]:.4g}")
        except LabError:
            if strict:
                raise
    return "; ".join(values)


def shown(name: str) -> str:
    """Return the name of a quantity as the table shows it, without its source."""
    return name.split(".", 1)[1]

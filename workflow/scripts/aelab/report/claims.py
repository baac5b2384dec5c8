"""Claims as data: measured quantities by name, checks on them, texts that quote them.

A claim holds if all its checks do.
"""

import math
import re

from aelab.errors import LabError


class Quantities:
    """Measured values by name.

    `metrics.<model>.<column>` is the mean over the model's seeds; `answers.<name>` one of the study's
    answers; `claims.reproduced` and `claims.all` count claims.
    """

    def __init__(self, metrics, answers=None, claims=None):
        self.metrics = metrics
        self.answers = {} if answers is None else dict(zip(answers["answer"], answers["value"], strict=True))
        self.claims = claims

    def __getitem__(self, name):
        """The value of a name, a float. Raises `LabError` where nothing of that name was measured."""
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
        raise LabError(f"nothing named {name} was measured; a claim or a caption asks for it.")

    def filled(self, text, absent=None):
        """The text with each `{name}` or `{name:format}` replaced by its value, or by `absent` where there is none."""

        def value(match):
            try:
                return format(self[match[1]], match[2] or "")
            except LabError:
                if absent is None:
                    raise
                return absent
            except ValueError as error:
                raise LabError(f"{match[0]} in a claim or a caption: {error}.") from None

        return re.sub(r"\{([a-z_]+(?:\.[A-Za-z0-9_]+)+)(?::([^}]*))?\}", value, text)


VERDICTS = ("reproduced", "not reproduced")
RELATIONS = {
    "at_least": lambda value, bound: value >= bound,
    "at_most": lambda value, bound: value <= bound,
    "above": lambda value, bound: value > bound,
    "below": lambda value, bound: value < bound,
}


def holds(check, quantities):
    """Whether one check is true: `within` x `of` y, or at_least, at_most, above, below a number or another value."""
    value = quantities[check["value"]]
    if math.isnan(value):
        return False
    if "within" in check:
        return abs(value - check["of"]) <= check["within"]
    relations = [word for word in RELATIONS if word in check]
    if not relations:
        raise LabError(f"the check of {check['value']} says none of within, {', '.join(RELATIONS)}.")

    def bound(given):
        return quantities[given] if isinstance(given, str) else given

    return all(RELATIONS[word](value, bound(check[word])) for word in relations)


def checked(claim, quantities):
    """A claim's row: what was claimed, what was measured, the verdict and why."""
    try:
        measured = "; ".join(f"{shown(check['value'])} {quantities[check['value']]:.4g}" for check in claim["checks"])
        reproduced = all(holds(check, quantities) for check in claim["checks"])
        verdict, why = VERDICTS[0 if reproduced else 1], quantities.filled(claim.get("why", ""))
    except LabError as error:
        measured, verdict, why = "", "not measured", str(error)
    return {
        "claim": claim["claim"],
        "published": claim["published"],
        "measured": measured,
        "verdict": verdict,
        "why": why,
    }


def shown(name):
    """A quantity's name as the table shows it, without its source."""
    return name.split(".", 1)[1]

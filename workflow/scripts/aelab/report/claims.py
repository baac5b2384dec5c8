"""Claims as data: measured quantities by name, checks on them, texts that quote them.

A claim holds if all its checks do.
"""

import math
import re

from aelab.errors import LabError


class Quantities:
    """Measured values by name.

    `metrics.<model>.<column>` is the mean over the model's seeds; `answers.<name>` one of the study's
    answers; `claims.reproduced` and `claims.all` count claims; `data.word`, `data.words`, `data.pixels`, `data.train`,
    `data.test` and `data.images` say what the images show and how many there are.
    """

    def __init__(self, metrics, answers=None, claims=None, data=None):
        self.data = data or {}
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
        elif source == "data" and rest in self.data:
            return self.data[rest]
        raise LabError(f"nothing named {name} was measured; a claim or a caption asks for it.")

    def filled(self, text, absent=None):
        """The text with each `{name}` or `{name:format}` replaced by its value, or by `absent` where there is none.

        The format `class` gives the name of the class of that number. Text between `[[` and `]]` is left out where a
        value in it was not measured.
        """

        def value(match):
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

        def optional(match):
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
    """A claim's row: what was claimed, what was measured, the verdict and why.

    A claim with the key `data` is about numbers that were published for that data set: of others it says nothing.
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


def measured_of(claim, quantities, strict=False):
    """The measured values of a claim, in words. Raises `LabError` where `strict` and one was not measured."""
    values = []
    for check in claim["checks"]:
        try:
            values.append(f"{shown(check['value'])} {quantities[check['value']]:.4g}")
        except LabError:
            if strict:
                raise
    return "; ".join(values)


def shown(name):
    """A quantity's name as the table shows it, without its source."""
    return name.split(".", 1)[1]

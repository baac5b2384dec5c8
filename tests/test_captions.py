"""Classes in captions and claims: the commonest over runs, and those of which most runs say something."""

import pandas as pd
import pytest

from aelab.errors import LabError
from aelab.report.claims import Quantities


def quantities(*runs):
    """What runs answered, each a dict, about images of three sorts of shoes."""
    tables = [pd.DataFrame(list(answers.items()), columns=["answer", "value"]) for answers in runs]
    return Quantities(pd.DataFrame({"model": []}), tables, data={"classes": ["boot", "clog", "pump"]})


def test_a_class_is_the_commonest_over_runs_and_not_their_mean():
    found = quantities({"best": 2}, {"best": 0}, {"best": 2}, {"best": 0}, {"best": 2})
    assert found.filled("{answers.best:class}") == "pump"


@pytest.mark.parametrize(
    ("holds", "words"),
    [((1, 1, 1), "boot, clog and pump"), ((1, 0, 1), "boot and pump"), ((0, 1, 0), "clog"), ((0, 0, 0), "none")],
)
def test_classes_are_listed(holds, words):
    found = quantities({f"better.{n}": value for n, value in enumerate(holds)})
    assert found.filled("{answers.better:classes}") == words


def test_what_holds_in_most_runs_is_listed():
    found = quantities(*({"better.0": a, "better.1": b, "better.2": 0} for a, b in ((1, 0), (1, 1), (0, 0))))
    assert found.filled("{answers.better:classes}") == "boot"


def test_classes_of_which_nothing_was_measured_are_absent():
    found = quantities({"better.0": 1})
    assert found.filled("{answers.better:classes}", "(unknown)") == "(unknown)"
    with pytest.raises(LabError):
        found.filled("{answers.better:classes}")

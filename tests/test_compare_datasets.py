"""Runs side by side: a row a claim, whatever word each run has for what its images show."""

import compare_datasets
import pandas as pd
import pytest

COLUMNS = ["study", "claim", "published", "value", "verdict", "corrected_value", "corrected_verdict", "why"]


def run(folder, name, claims):
    described = folder / "results" / "data" / name
    described.mkdir(parents=True)
    (described / "dataset.json").write_text("{}")
    pd.DataFrame(claims, columns=COLUMNS).to_csv(folder / "results" / "claims.csv", index=False)
    return folder


@pytest.fixture
def runs(tmp_path):
    one = [
        ("a", "It is 3.", 3, "x 3", "reproduced", "x 2", "undecided", ""),
        ("a", "Wider digits | better.", "yes", "x 1; y 2", "reproduced", "", "", ""),
        ("b", "It holds.", "yes", "", "", "", "not measured", ""),
    ]
    two = [
        ("a", "It is 3.", 3, "x 4", "not applicable", "x 3", "reproduced", ""),
        ("a", "Wider articles | better.", "yes", "x 2; y 1", "not reproduced", "", "", ""),
    ]
    return [run(tmp_path / "one", "mnist", one), run(tmp_path / "two", "fashion_mnist", two)]


def test_claims_are_matched_by_their_place(runs):
    whole = compare_datasets.compared(compare_datasets.runs(runs))
    assert len(whole) == 5
    wider = whole[(whole["study"] == "a") & (whole["number"] == 2)].set_index("dataset")
    assert list(wider["claim"].unique()) == ["Wider digits | better."]
    assert wider["verdict"].to_dict() == {"mnist": "reproduced", "fashion_mnist": "not reproduced"}


def test_the_table_for_people(runs, tmp_path):
    compare_datasets.main(runs, tmp_path / "out")
    lines = (tmp_path / "out" / "comparison.md").read_text().splitlines()
    assert lines[0] == "| study | claim | mnist | fashion_mnist |"
    assert lines[3] == "| `a` | Wider digits \\| better. | holds: x 1; y 2 | does not hold: x 2; y 1 |"
    assert lines[2].endswith("| holds: x 3; corrected: undecided: x 2 | —: x 4; corrected: holds: x 3 |")
    assert lines[-2] == "|  | **hold, of those decided, on published models** | 2 of 2 | 0 of 1 |"
    assert lines[-1] == "|  | **hold, of those decided, on corrected models** | 0 of 0 | 1 of 1 |"
    assert len(pd.read_csv(tmp_path / "out" / "comparison.csv")) == 5


def test_what_cannot_be_compared(runs, tmp_path):
    with pytest.raises(SystemExit, match="holds no finished run"):
        compare_datasets.main([runs[0], tmp_path])
    with pytest.raises(SystemExit, match="fewer than two finished runs"):
        compare_datasets.main(runs[:1])
    with pytest.raises(SystemExit, match="two runs on mnist"):
        compare_datasets.main([runs[0], runs[0]])

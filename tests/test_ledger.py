"""The page of the claims shows every row of the ledger."""

import ledger
import pandas as pd
import pytest

from aelab.report.claims import COLUMNS

FULL = {
    "study": "a",
    "claim": "It is | .067.",
    "source": "document",
    "place": "section 1",
    "certainty": "printed",
    "published": 0.067,
    "value": "x.loss 0.068; y.loss 0.07",
    "interval": "0.067 to 0.069; one run",
    "seeds": 2,
    "verdict": "undecided",
    "corrected_verdict": "",
    "why": "Because.",
}


@pytest.fixture
def claims():
    other = {"study": "b", "claim": "It holds.", "source": "computed", "published": "yes", "verdict": "not measured"}
    return pd.DataFrame([FULL, other], columns=COLUMNS)


def test_every_claim_is_a_row(claims):
    lines = [
        line
        for study, rows in claims.groupby("study")
        for line in ledger.section(study, rows, "From here.").splitlines()
    ]
    assert lines[:5] == ["## `a`", "", "From here.", "", "On published models: 1 undecided."]
    assert "## `b`" in lines and "On published models: 1 not measured." in lines
    assert (
        "| It is \\| .067.<br>*Because.* | document, section 1, printed | 0.067 | "
        "x.loss 0.068 (0.067 to 0.069)<br>y.loss 0.07 (one run)<br>2 seeds | undecided |  |  |"
    ) in lines
    assert "| It holds. | computed | yes |  | not measured |  |  |" in lines


def test_the_page_keeps_what_stands_around_the_ledger(claims, tmp_path, monkeypatch):
    page = tmp_path / "claims.md"
    page.write_text(f"before\n{ledger.BEGIN}\nformer\n{ledger.END}\nafter\n")
    monkeypatch.setattr(ledger, "PAGE", page)
    claims.to_csv(tmp_path / "claims.csv", index=False)
    ledger.main(tmp_path)
    text = page.read_text()
    assert text.startswith("before\n") and text.endswith("\nafter\n") and "former" not in text and "commit" in text


def test_a_run_of_one_study_changes_the_section_of_that_study_alone(claims, tmp_path, monkeypatch):
    """Sections stand in the order of the configuration, those of former studies last."""
    page = tmp_path / "claims.md"
    monkeypatch.setattr(ledger, "PAGE", page)
    page.write_text(f"before\n{ledger.BEGIN}\n{ledger.END}\nafter\n")
    for studies in (["former", "residuals"], ["residuals"], ["bottleneck"]):
        origin = f"From a run of {len(studies)}, {studies[0]}."
        monkeypatch.setattr(ledger, "origin", lambda said=origin: said)
        pd.concat([claims[:1].assign(study=study) for study in studies]).to_csv(tmp_path / "claims.csv", index=False)
        ledger.main(tmp_path)
    lines = [line for line in page.read_text().splitlines() if line.startswith(("##", "From"))]
    assert lines == [
        *("## `bottleneck`", "From a run of 1, bottleneck."),
        *("## `residuals`", "From a run of 1, residuals."),
        *("## `former`", "From a run of 2, former."),
    ]


def test_without_a_run_there_is_nothing_to_show(tmp_path):
    with pytest.raises(SystemExit, match="no finished run"):
        ledger.main(tmp_path)

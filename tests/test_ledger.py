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
    lines = ledger.ledger(claims).splitlines()
    assert lines[0] == "On published models: 1 undecided, 1 not measured."
    assert "## `a`" in lines and "## `b`" in lines
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


def test_without_a_run_there_is_nothing_to_show(tmp_path):
    with pytest.raises(SystemExit, match="no finished run"):
        ledger.main(tmp_path)

"""Write the ledger of a finished run, every claim with its verdicts, into docs/claims.md. `make ledger` runs it.

The page names the machine and the commit that the run comes from.
"""

import platform
import subprocess
import sys
from pathlib import Path

import pandas as pd

REPOSITORY = Path(__file__).resolve().parent.parent
PAGE = REPOSITORY / "docs" / "claims.md"
BEGIN, END = "<!-- ledger -->", "<!-- end of ledger -->"
VERDICTS = ("reproduced", "not reproduced", "undecided", "not applicable", "not measured")
HEADER = ["claim", "source", "published", "as published", "verdict", "corrected", "verdict"]


def measured(row: pd.Series, prefix: str = "") -> str:
    """Return what was measured for a claim, each value with its interval, and how many seeds it rests on."""
    values, ends = row[f"{prefix}value"], row[f"{prefix}interval"]
    if not values:
        return ""
    pairs = zip(values.split("; "), ends.split("; "), strict=True)
    seeds = int(float(row[f"{prefix}seeds"]))
    return "<br>".join(f"{value} ({interval})" for value, interval in pairs) + f"<br>{seeds} seed{'s' * (seeds != 1)}"


def counted(claims: pd.DataFrame, column: str) -> str:
    """Return how many claims have each verdict, in words."""
    counts = claims[column].value_counts()
    return ", ".join(f"{counts[verdict]} {verdict}" for verdict in VERDICTS if verdict in counts)


def ledger(claims: pd.DataFrame) -> str:
    """Return the ledger as Markdown: one table per study, below the counts of the verdicts."""
    claims = claims.astype(object).where(claims.notna(), "").astype(str)
    parts = [
        f"On published models: {counted(claims, 'verdict')}.",
        f"On corrected models: {counted(claims, 'corrected_verdict')}.",
    ]
    for study, rows in claims.groupby("study", sort=False):
        lines = [HEADER, ["---"] * len(HEADER)]
        for _, row in rows.iterrows():
            source = ", ".join(part for part in (row["source"], row["place"], row["certainty"]) if part)
            found = measured(row), row["verdict"], measured(row, "corrected_"), row["corrected_verdict"]
            claim = row["claim"] + (f"<br>*{row['why']}*" if row["why"] else "")
            lines.append([claim, source, row["published"], *found])
        table = "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
        parts.append(f"## `{study}`\n\n{table}")
    return "\n\n".join(parts)


def origin() -> str:
    """Return where the run comes from: machine, versions and commit."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    processor = next(
        (line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine()
    )
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=REPOSITORY)
    return (
        f"From a run on {platform.system()}, {processor}, Python {platform.python_version()}, "
        f"commit {commit.stdout.strip() or 'unknown'}."
    )


def main(results: Path = Path("results")) -> None:
    """Write the ledger of the run in a folder of results into the page."""
    if not (results / "claims.csv").exists():
        raise SystemExit("error: there is no finished run to show; run `make` or `make thorough` first")
    text = PAGE.read_text(encoding="utf-8")
    section = f"{BEGIN}\n{origin()}\n\n{ledger(pd.read_csv(results / 'claims.csv'))}\n{END}"
    before, after = text[: text.index(BEGIN)], text[text.index(END) + len(END) :]
    PAGE.write_text(before + section + after, encoding="utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))

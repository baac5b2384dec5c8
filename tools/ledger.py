"""Write the ledger of a finished run, every claim with its verdicts, into docs/claims.md. `make ledger` runs it.

The page has a section for each study, which names the machine and the commit that its run comes from. Sections of
studies that this run does not have stay as they are: a run may be of some studies alone (`make thorough STUDIES=...`).
"""

import platform
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import yaml

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


def section(study: str, rows: pd.DataFrame, origin: str) -> str:
    """Return the section of a study as Markdown: where its run comes from, counts of the verdicts, and the claims."""
    rows = rows.astype(object).where(rows.notna(), "").astype(str)
    lines = [HEADER, ["---"] * len(HEADER)]
    for _, row in rows.iterrows():
        source = ", ".join(part for part in (row["source"], row["place"], row["certainty"]) if part)
        found = measured(row), row["verdict"], measured(row, "corrected_"), row["corrected_verdict"]
        claim = row["claim"] + (f"<br>*{row['why']}*" if row["why"] else "")
        lines.append([claim, source, row["published"], *found])
    table = "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
    counts = [
        f"On {models} models: {counted(rows, column)}."
        for models, column in (("published", "verdict"), ("corrected", "corrected_verdict"))
        if counted(rows, column)
    ]
    return "\n\n".join([f"## `{study}`", origin, " ".join(counts), table])


def sections(page: str) -> dict[str, str]:
    """Return the sections that a page has, by study."""
    found = re.split(r"^(?=## `)", page, flags=re.MULTILINE)[1:]
    return {text.partition("`")[2].partition("`")[0]: text.strip() for text in found}


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
    start, end = text.index(BEGIN) + len(BEGIN), text.index(END)
    found, claims = sections(text[start:end]), pd.read_csv(results / "claims.csv")
    for study, rows in claims.groupby("study", sort=False):
        found[study] = section(study, rows, origin())
    order = list(yaml.safe_load((REPOSITORY / "config" / "config.yaml").read_text(encoding="utf-8"))["studies"])
    written = "\n\n".join(found[study] for study in sorted(found, key=[*order, *found].index))
    PAGE.write_text(f"{text[:start]}\n{written}\n{text[end:]}", encoding="utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))

"""Write the tables and winners of `make search` into docs/searches.md. `make search` runs it.

The page is tracked: a test holds that `config/config.yaml` has the settings that were chosen. Searches that were not
run in the folder keep their line.
"""

import re
import sys
from pathlib import Path

import pandas as pd

PAGE = Path(__file__).resolve().parent.parent / "docs" / "searches.md"
BEGIN, END = "<!-- searches -->", "<!-- end of searches -->"
MEASURED = ["model", "validation_loss", "low", "high", "seeds", "chosen"]


def line(search: str, table: pd.DataFrame) -> list[str]:
    """Return the rows of one search: what was tried with the loss on validation images, the chosen one in bold.

    Parameters
    ----------
    search : str
        Name of the search.
    table : pandas.DataFrame
        What `choose_settings` writes.
    """
    keys = [column for column in table.columns if column not in MEASURED]
    tried = []
    for _, row in table.iterrows():
        values = ", ".join(f"{row[key]:g}" if isinstance(row[key], float) else str(row[key]) for key in keys)
        text = f"{values}: {row['validation_loss']:.4g}"
        tried.append(f"**{text}**" if row["chosen"] else text)
    return [f"`{search}`", ", ".join(f"`{key}`" for key in keys), str(table["seeds"].iloc[0]), "; ".join(tried)]


def main(folder: Path = Path("search/results/searches"), page: Path = PAGE) -> None:
    """Write the tables in a folder into the page.

    Parameters
    ----------
    folder : pathlib.Path
        Where `make search` has put a table for each search that was run.
    page : pathlib.Path
        The page. What stands there of other searches stays.

    Raises
    ------
    SystemExit
        If the folder has no table.
    """
    files = sorted(folder.glob("*.csv"))
    if not files:
        raise SystemExit(f"error: there is no search in {folder}; run `make search` first")
    text = page.read_text(encoding="utf-8")
    before, section, after = re.split(f"(?<={BEGIN})|(?={END})", text)
    rows = {name: row for row, name in re.findall(r"^(\| `(\w+)` \|.*)$", section, re.MULTILINE)}
    rows |= {file.stem: "| " + " | ".join(line(file.stem, pd.read_csv(file))) + " |" for file in files}
    head = ["| model | what varies | seeds | tried: loss on validation images |", "| --- | --- | --- | --- |"]
    section = "\n".join([*head, *(rows[name] for name in sorted(rows))])
    page.write_text(f"{before}\n{section}\n{after}", encoding="utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))

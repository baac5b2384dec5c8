"""Compare finished runs on several data sets: which claims hold on which, and with what values.

`make compare-datasets` compares the run in `results/` with those in `datasets/<name>/results/`. It writes
`datasets/comparison.csv`, with one row per claim and run, and `datasets/comparison.md`, with one row per claim and one
column per run. `python tools/compare_datasets.py FOLDER ...` compares other runs: each folder must contain the
`results/` of a run.
"""

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

OUT = Path("datasets")
KEYS = ["study", "number"]
SHOWN = ["verdict", "value", "corrected_verdict", "corrected_value"]
MARKS = {
    "reproduced": "holds",
    "not reproduced": "does not hold",
    "undecided": "undecided",
    "not applicable": "—",
    "not measured": "not measured",
}


def runs(folders: Iterable[str | Path]) -> dict[str, pd.DataFrame]:
    """Read the claims of finished runs.

    Parameters
    ----------
    folders : iterable of str or Path
        Folders that contain `results/`.

    Returns
    -------
    dict of str to pandas.DataFrame
        By name of the data set, tables with `study`, `number` (of the claim in its study, from 1), `claim`,
        `published`, and verdict and value on published and on corrected models.

    Raises
    ------
    SystemExit
        If a folder has no finished run, or if two runs have the same data set.
    """
    found = {}
    for folder in folders:
        claims = Path(folder) / "results" / "claims.csv"
        if not claims.exists():
            raise SystemExit(f"error: {folder} holds no finished run: {claims} does not exist")
        name = datasets_of(folder)
        if name in found:
            raise SystemExit(f"error: two runs on {name}; name folders of runs on different data sets")
        table = pd.read_csv(claims, dtype=str, keep_default_na=False)
        table["number"] = table.groupby("study").cumcount() + 1
        found[name] = table
    return found


def datasets_of(folder: str | Path) -> str:
    """Return the names of the data sets that a run has used, or the name of the folder if it has none."""
    names = sorted(path.parent.name for path in (Path(folder) / "results" / "data").glob("*/dataset.json"))
    return " and ".join(names) or Path(folder).resolve().name


def compared(found: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Join all runs to one table with the columns study, number, claim, published, dataset, and those of `SHOWN`."""
    parts = [table.assign(dataset=name) for name, table in found.items()]
    whole = pd.concat(parts, ignore_index=True).sort_values(KEYS, kind="stable")
    # The words of a claim depend on what the images show. Claims are therefore matched by their place in the study.
    first = whole.drop_duplicates(KEYS).set_index(KEYS)["claim"]
    whole["claim"] = [first[tuple(row)] for row in whole[KEYS].to_numpy()]
    return whole[["study", "number", "claim", "published", "dataset", *SHOWN]]


def markdown(whole: pd.DataFrame) -> str:
    """Return the table as Markdown, with one row per claim and the number of claims that hold in the last rows."""
    names = list(dict.fromkeys(whole["dataset"]))
    lines = [["study", "claim", *names], ["---"] * (len(names) + 2)]
    for (study, _), rows in whole.groupby(KEYS, sort=False):
        by_name = rows.set_index("dataset")
        cells = [cell(by_name.loc[name]) if name in by_name.index else "" for name in names]
        lines.append([f"`{study}`", rows["claim"].iloc[0], *cells])
    for column, models in (("verdict", "published"), ("corrected_verdict", "corrected")):
        counts = []
        for name in names:
            verdicts = whole[whole["dataset"] == name][column]
            decided = verdicts.isin(["reproduced", "not reproduced"])
            counts.append(f"{(verdicts == 'reproduced').sum()} of {decided.sum()}")
        lines.append(["", f"**hold, of those decided, on {models} models**", *counts])
    return "\n".join("| " + " | ".join(str(each).replace("|", "\\|") for each in line) + " |" for line in lines) + "\n"


def cell(row: pd.Series) -> str:
    """Return the verdicts on published and on corrected models, each with what was measured."""
    said = []
    for models, prefix in (("", ""), ("corrected: ", "corrected_")):
        verdict, value = row[f"{prefix}verdict"], row[f"{prefix}value"]
        if verdict:
            said.append(models + MARKS[verdict] + (f": {value}" if value else ""))
    return "; ".join(said)


def main(folders: Sequence[str | Path], out: Path = OUT) -> None:
    """Write both tables, and print the one in Markdown.

    Parameters
    ----------
    folders : sequence of str or Path
        The folders of the runs; if there are none, the working folder and those below `datasets/`.
    out : Path
        The folder to write to.

    Raises
    ------
    SystemExit
        If there are fewer than two runs, or in the cases of `runs`.
    """
    if not folders:
        folders = [
            path.parent.parent for path in [Path("results/claims.csv"), *sorted(OUT.glob("*/results/claims.csv"))]
        ]
        folders = [folder for folder in folders if (folder / "results/claims.csv").exists()]
    if len(folders) < 2:
        raise SystemExit(
            "error: fewer than two finished runs; run `make` and, for example, `make DATASET=fashion_mnist`"
        )
    whole = compared(runs(folders))
    out.mkdir(exist_ok=True)
    whole.to_csv(out / "comparison.csv", index=False, lineterminator="\n")
    text = markdown(whole)
    (out / "comparison.md").write_text(text, encoding="utf-8")
    print(text, end="")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "folders", nargs="*", type=Path, help="folders of runs; by default this folder and those below datasets/"
    )
    sys.exit(main(parser.parse_args().folders))

"""Finished runs on several data sets side by side: which claims hold on which, and with what values.

`make compare-datasets` compares the run in `results/` with those in `datasets/<name>/results/` and writes
`datasets/comparison.csv`, a row a claim and run, and `datasets/comparison.md`, a row a claim and a column a run.
Other folders can be named: `python tools/compare_datasets.py FOLDER ...`, each the one that a run's `results/` lies in.
"""

import argparse
import sys
from pathlib import Path

import pandas as pd

OUT = Path("datasets")
KEYS = ["study", "number"]
MARKS = {
    "reproduced": "holds",
    "not reproduced": "does not hold",
    "not applicable": "—",
    "not measured": "not measured",
}


def runs(folders):
    """Claims of each finished run.

    Parameters
    ----------
    folders : list of path
        Folders in which `results/` lies.

    Returns
    -------
    dict of DataFrame by name of the data set
        With `study`, `number` (of the claim in its study, from 1), `claim`, `published`, `measured` and `verdict`.

    Raises
    ------
    SystemExit
        Where a folder holds no finished run, or two hold one of the same data set.
    """
    found = {}
    for folder in folders:
        claims = Path(folder) / "results" / "claims.csv"
        if not claims.exists():
            raise SystemExit(f"error: {folder} holds no finished run: {claims} is not there")
        name = datasets_of(folder)
        if name in found:
            raise SystemExit(f"error: two runs on {name}; name folders of runs on different data sets")
        table = pd.read_csv(claims)
        table["number"] = table.groupby("study").cumcount() + 1
        found[name] = table
    return found


def datasets_of(folder):
    """The names of the data sets that a run has made its results of."""
    names = sorted(path.parent.name for path in (Path(folder) / "results" / "data").glob("*/dataset.json"))
    return " and ".join(names) or Path(folder).resolve().name


def compared(found):
    """All runs as one table: study, claim, published, data set, verdict, measured."""
    parts = [table.assign(dataset=name) for name, table in found.items()]
    whole = pd.concat(parts, ignore_index=True).sort_values(KEYS, kind="stable")
    # A claim is the same claim whatever word it has for what the images show: it is told by its place in its study.
    first = whole.drop_duplicates(KEYS).set_index(KEYS)["claim"]
    whole["claim"] = [first[tuple(row)] for row in whole[KEYS].to_numpy()]
    return whole[["study", "number", "claim", "published", "dataset", "verdict", "measured"]]


def markdown(whole):
    """The same as a table of Markdown, with a row for each claim and how many hold below each data set."""
    names = list(dict.fromkeys(whole["dataset"]))
    lines = [["study", "claim", *names], ["---"] * (len(names) + 2)]
    for (study, _), rows in whole.groupby(KEYS, sort=False):
        by_name = rows.set_index("dataset")
        cells = [cell(by_name.loc[name]) if name in by_name.index else "" for name in names]
        lines.append([f"`{study}`", rows["claim"].iloc[0], *cells])
    counts = []
    for name in names:
        verdicts = whole[whole["dataset"] == name]["verdict"]
        judged = verdicts.isin(["reproduced", "not reproduced"])
        counts.append(f"{(verdicts == 'reproduced').sum()} of {judged.sum()}")
    lines.append(["", "**hold, of those judged**", *counts])
    return "\n".join("| " + " | ".join(str(each).replace("|", "\\|") for each in line) + " |" for line in lines) + "\n"


def cell(row):
    """A verdict with what was measured."""
    measured = row["measured"] if isinstance(row["measured"], str) else ""
    return MARKS[row["verdict"]] + (f": {measured}" if measured else "")


def main(folders, out=OUT):
    """Write both tables and print the one for people."""
    if not folders:
        folders = [
            path.parent.parent for path in [Path("results/claims.csv"), *sorted(OUT.glob("*/results/claims.csv"))]
        ]
        folders = [folder for folder in folders if (folder / "results/claims.csv").exists()]
    if len(folders) < 2:
        raise SystemExit("error: one finished run or none; run `make DATASET=fashion_mnist`, say, beside `make`")
    whole = compared(runs(folders))
    out.mkdir(exist_ok=True)
    whole.to_csv(out / "comparison.csv", index=False, lineterminator="\n")
    text = markdown(whole)
    (out / "comparison.md").write_text(text, encoding="utf-8")
    print(text, end="")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, help="folders of runs; results/ and datasets/*/ otherwise")
    sys.exit(main(parser.parse_args().folders))

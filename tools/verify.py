"""Check a finished run byte by byte, or its metrics within tolerances. Standard library alone.

`python tools/verify.py` compares the files under `results/` with the manifest that the workflow wrote.
`--against OTHER` compares them with another run (its folder) or another manifest instead: two runs of one
commit on one machine give the same bytes. On another type of CPU trained weights may differ in their last
bits, and what is computed from them: `--metrics --against OTHER` compares the two tables `metrics.csv`
within the tolerances below. The exit status is 0 where nothing differs, 1 where something does and 2
where there is nothing to compare.
"""

import argparse
import csv
import hashlib
import math
import sys
from dataclasses import dataclass
from pathlib import Path

MANIFEST, METRICS = Path("results/manifest.sha256"), Path("results/metrics.csv")


class NothingToCompare(Exception):
    """A file that the comparison needs is missing or is not what it should be."""


# -- byte by byte ----------------------------------------------------------------------------------


def read_manifest(path):
    """A manifest as a dict from file to SHA-256."""
    sums = {}
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        raise NothingToCompare(f"{path} is not there: run the workflow to its end first.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise NothingToCompare(f"{path} cannot be read: {error}.") from None
    for number, line in enumerate(lines, 1):
        digest, separator, file = line.partition("  ")
        if len(digest) != 64 or not separator or not file:
            raise NothingToCompare(f"{path}, line {number}: not a SHA-256, two spaces and a file: {line[:80]!r}")
        sums[file] = digest
    return sums


def file_digest(path):
    """The SHA-256 of a file; None where there is none."""
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return None


def differing(found, expected):
    """Sentences on what differs between two dicts from file to SHA-256."""
    said = []
    for file in sorted(found.keys() | expected.keys()):
        if file not in expected:
            said.append(f"only here: {file}")
        elif found.get(file) is None:
            said.append(f"missing: {file}")
        elif found[file] != expected[file]:
            said.append(f"differs: {file}")
    return said


def compare_bytes(folder, against=None):
    """What differs between a run and its own manifest, or another run or manifest; and the number of files."""
    own = read_manifest(folder / MANIFEST)
    found = {file: file_digest(folder / file) for file in own}
    if against is None:
        return differing(found, own), len(own)
    if against.is_dir():
        theirs = read_manifest(against / MANIFEST)
        theirs = {file: file_digest(against / file) for file in theirs}
    else:
        theirs = read_manifest(against)
    return differing(found, theirs), len(theirs)


# -- metrics ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tolerance:
    """How far two values may lie apart: `relative` of the larger or `absolute`, whichever is more; and why."""

    relative: float
    absolute: float
    reason: str

    def holds(self, one, other):
        if math.isnan(one) or math.isnan(other):
            return math.isnan(one) and math.isnan(other)
        return abs(one - other) <= max(self.absolute, self.relative * max(abs(one), abs(other)))


# By column, the first pattern that is part of its name; what matches none is text or settings and must be equal.
EXACT = Tolerance(0, 0, "follows from the configuration, not from arithmetic")
TOLERANCES = {
    "parameters": EXACT,
    "code_size": EXACT,
    "epochs": EXACT,
    "seed": EXACT,
}


def tolerance(column):
    """The tolerance of a column of `metrics.csv`."""
    return next((value for part, value in TOLERANCES.items() if part in column), DEFAULT)


DEFAULT = Tolerance(0.05, 1e-6, "to be measured")


def read_metrics(path):
    """`metrics.csv` as a dict from (model, seed) to a dict from column to text."""
    path = path / METRICS if path.is_dir() else path
    try:
        with open(path, encoding="utf-8", newline="") as file:
            return {(row["model"], row["seed"]): row for row in csv.DictReader(file)}
    except FileNotFoundError:
        raise NothingToCompare(f"{path} is not there: run the workflow to its end first.") from None
    except (KeyError, csv.Error, UnicodeDecodeError) as error:
        raise NothingToCompare(f"{path} is not a table of metrics: {error}.") from None


def number(text):
    """A cell as a number: NaN where it is empty, None where it is text."""
    try:
        return float(text) if text else math.nan
    except ValueError:
        return None


def compare_metrics(ours, theirs):
    """Sentences on what differs by more than its tolerance between two tables, and how many cells were compared."""
    said, cells = [], 0
    for run in sorted(ours.keys() | theirs.keys()):
        name = f"{run[0]}, seed {run[1]}"
        if run not in ours or run not in theirs:
            said.append(f"{name}: only {'there' if run not in ours else 'here'}")
            continue
        for column in ours[run].keys() | theirs[run].keys():
            cells += 1
            one, other = ours[run].get(column, ""), theirs[run].get(column, "")
            values = number(one), number(other)
            allowed = tolerance(column)
            if None in values:
                if one != other:
                    said.append(f"{name}: {column} is {one!r} here and {other!r} there")
            elif not allowed.holds(*values):
                said.append(
                    f"{name}: {column} is {one or 'empty'} here and {other or 'empty'} there; "
                    f"allowed: {allowed.relative:.0%} or {allowed.absolute:g} ({allowed.reason})"
                )
    return sorted(said), cells


# -- the command -----------------------------------------------------------------------------------


def main(arguments=None):
    """Compare, say what differs, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--directory", type=Path, default=Path(), help="the run's folder (here)")
    parser.add_argument("--against", type=Path, help="another run's folder, another manifest or table of metrics")
    parser.add_argument("--metrics", action="store_true", help="compare metrics within tolerances, not bytes")
    settings = parser.parse_args(arguments)
    try:
        if settings.metrics:
            if settings.against is None:
                parser.error("--metrics needs --against")
            said, count = compare_metrics(read_metrics(settings.directory), read_metrics(settings.against))
            what = "metrics"
        else:
            said, count = compare_bytes(settings.directory, settings.against)
            what = "files"
    except NothingToCompare as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for sentence in said:
        print(sentence)
    print(f"{len(said)} of {count} {what} differ." if said else f"All {count} {what} agree.")
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())

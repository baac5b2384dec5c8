"""Check a finished run byte by byte, or its metrics within tolerances. It needs only the standard library.

`python tools/verify.py` compares the files under `results/` with the manifest that the workflow wrote. With `--against
OTHER` it compares them with another run (its folder) or another manifest instead: two runs of the same commit on the
same machine give the same bytes. On another type of CPU, trained weights may differ in their last bits, and so may
everything that is computed from them. `--metrics --against OTHER` therefore compares the two tables `metrics.csv`
within the tolerances below. The exit status is 0 if nothing differs, 1 if something does, and 2 if there is nothing to
compare.
"""

import argparse
import csv
import hashlib
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MANIFEST, METRICS = Path("results/manifest.sha256"), Path("results/metrics.csv")


class NothingToCompare(Exception):
    """Raised if a file that the comparison needs is missing or unusable."""


# -- byte by byte ----------------------------------------------------------------------------------


def read_manifest(path: str | Path) -> dict[str, str]:
    """Read a manifest.

    Returns
    -------
    dict of str to str
        SHA-256 by file.

    Raises
    ------
    NothingToCompare
        If the file is missing or is not a manifest.
    """
    sums = {}
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        raise NothingToCompare(f"{path} does not exist: run the workflow to its end first.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise NothingToCompare(f"{path} cannot be read: {error}.") from None
    for number, line in enumerate(lines, 1):
        digest, separator, file = line.partition("  ")
        if len(digest) != 64 or not separator or not file:
            raise NothingToCompare(f"{path}, line {number}: not a SHA-256, two spaces and a file: {line[:80]!r}")
        sums[file] = digest
    return sums


def file_digest(path: str | Path) -> str | None:
    """Return the SHA-256 of a file, or None if there is no such file."""
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return None


def differing(found: dict[str, str | None], expected: dict[str, str | None]) -> list[str]:
    """Describe how files differ, with one phrase per file.

    Parameters
    ----------
    found : dict of str to str or None
        SHA-256 by file; None for a missing file.
    expected : dict of str to str or None
        What they should be.
    """
    said = []
    for file in sorted(found.keys() | expected.keys()):
        if file not in expected:
            said.append(f"only here: {file}")
        elif found.get(file) is None:
            said.append(f"missing: {file}")
        elif found[file] != expected[file]:
            said.append(f"differs: {file}")
    return said


def compare_bytes(folder: Path, against: Path | None = None) -> tuple[list[str], int]:
    """Compare a run with its manifest, or with another run or manifest.

    Parameters
    ----------
    folder : Path
        The folder that contains the run's `results/`.
    against : Path, optional
        The folder of another run, or another manifest.

    Returns
    -------
    said : list of str
        The differences, as `differing` returns them.
    count : int
        Number of files that were expected.

    Raises
    ------
    NothingToCompare
        If a manifest is missing or unusable.
    """
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
    """How much two values may differ, and why: by `relative` times the larger one or by `absolute`, whichever is more.

    Parameters
    ----------
    relative : float
        A share.
    absolute : float
        A number in the unit of the values.
    reason : str
        Why they may differ.
    """

    relative: float
    absolute: float
    reason: str

    def holds(self, one: float, other: float) -> bool:
        """Return whether two values are close enough; NaN is close to NaN only."""
        if math.isnan(one) or math.isnan(other):
            return math.isnan(one) and math.isnan(other)
        return abs(one - other) <= max(self.absolute, self.relative * max(abs(one), abs(other)))


# The first of these that is a part of the column's name applies to it, otherwise `DEFAULT`. Text must be equal.
EXACT = Tolerance(0, 0, "follows from the configuration, not from arithmetic")
TOLERANCES = {
    "parameters": EXACT,
    "code_size": EXACT,
    "epochs": EXACT,
    "seed": EXACT,
}


def tolerance(column: str) -> Tolerance:
    """Return the tolerance of a column of `metrics.csv`."""
    return next((value for part, value in TOLERANCES.items() if part in column), DEFAULT)


DEFAULT = Tolerance(
    0.05, 1e-6, "rounding differs between processors, and training enlarges it; a guess: no GPU was measured"
)


def read_metrics(path: Path) -> dict[tuple[str, str], dict[str, str]]:
    """Read a table of metrics.

    Parameters
    ----------
    path : Path
        The folder of a run, or a file like `metrics.csv`.

    Returns
    -------
    dict of (str, str) to dict of str to str
        The rows by model and seed; each maps columns to text.

    Raises
    ------
    NothingToCompare
        If the file is missing or is not such a table.
    """
    path = path / METRICS if path.is_dir() else path
    try:
        with open(path, encoding="utf-8", newline="") as file:
            return {(row["model"], row["seed"]): row for row in csv.DictReader(file)}
    except FileNotFoundError:
        raise NothingToCompare(f"{path} does not exist: run the workflow to its end first.") from None
    except (KeyError, csv.Error, UnicodeDecodeError) as error:
        raise NothingToCompare(f"{path} is not a table of metrics: {error}.") from None


def number(text: str) -> float | None:
    """Convert a cell to a number: NaN if it is empty, None if it is text."""
    try:
        return float(text) if text else math.nan
    except ValueError:
        return None


def compare_metrics(
    ours: dict[tuple[str, str], dict[str, str]], theirs: dict[tuple[str, str], dict[str, str]]
) -> tuple[list[str], int]:
    """Compare two tables of metrics within tolerances.

    Parameters
    ----------
    ours, theirs : dict
        Tables as `read_metrics` returns them.

    Returns
    -------
    said : list of str
        The differences, one phrase each.
    count : int
        Number of cells that were compared.
    """
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


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare as the command line says, print the differences, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--directory", type=Path, default=Path(), help="the run's folder; by default this one")
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

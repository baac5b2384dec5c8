"""Read tables and metrics, and check that they hold what a job needs."""

import json
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from aelab.errors import LabError


def read_table(path: str | Path, columns: Iterable[str] = (), text: Iterable[str] = ()) -> pd.DataFrame:
    """Read a CSV table.

    Parameters
    ----------
    path : str or Path
        The file.
    columns : iterable of str
        Columns that the table must have.
    text : iterable of str
        Columns whose values stay text as they are written, because a class may be called `01` or `NA`.

    Returns
    -------
    pd.DataFrame

    Raises
    ------
    LabError
        If the file is missing or damaged, or lacks a column.
    """
    try:
        table = pd.read_csv(path, converters=dict.fromkeys(text, str))
    except FileNotFoundError:
        raise LabError(f"{path} is missing. Start the workflow again: it will be made anew.") from None
    except (pd.errors.ParserError, OSError, OverflowError, ValueError) as error:
        raise LabError(f"{path} is not a table ({error}). Delete it and start the workflow again.") from error
    missing = [column for column in columns if column not in table]
    if missing:
        raise LabError(
            f"{path} has no column {', '.join(missing)}; it has {', '.join(map(str, table.columns))}. "
            "Delete it and start the workflow again."
        )
    return table


def read_metrics(path: str | Path) -> dict[str, int | float | None]:
    """Read the metrics of a model from a JSON file, by name.

    Raises
    ------
    LabError
        If the file is missing or damaged.
    """
    try:
        with open(path, encoding="utf-8") as file:
            metrics = json.load(file)
        if not isinstance(metrics, dict):
            raise ValueError(f"a {type(metrics).__name__} instead of names with numbers")
        for name, value in metrics.items():
            if not isinstance(value, (int, float, type(None))) or isinstance(value, bool):
                raise ValueError(f"{name} is {value!r:.40}, not a number")
    except FileNotFoundError:
        raise LabError(f"{path} is missing. Start the workflow again: it will be made anew.") from None
    except (OSError, ValueError, RecursionError) as error:
        raise LabError(f"{path} is damaged ({error}). Delete it and start the workflow again.") from error
    return metrics

"""Tables and metrics: read with what a job needs of them."""

import json

import pandas as pd

from aelab.errors import LabError


def read_table(path, columns=(), text=()):
    """A CSV table as a DataFrame. Raises `LabError` where it is damaged or lacks a column.

    The columns `text` are read as they are written: a class may be called `01` or `NA`.
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


def read_metrics(path):
    """A dict from name to number or None. Raises `LabError` where the file is damaged."""
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

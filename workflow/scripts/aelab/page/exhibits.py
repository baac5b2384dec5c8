"""Figures and tables on a page, with their captions. They stay the files that they are, next to which the page lies."""

import re
import struct
from pathlib import Path

import pandas as pd

from aelab.errors import LabError
from aelab.page import templates
from aelab.page.templates import text, words

ROOT = "../../"  # the folder of results, seen from a page in a folder of `page`


def png_size(path: str | Path) -> tuple[int, int]:
    """Return width and height of a PNG file in pixels.

    Raises
    ------
    LabError
        If it is none.
    """
    with open(path, "rb") as file:
        start = file.read(24)
    if start[:8] != b"\x89PNG\r\n\x1a\n" or len(start) < 24:
        raise LabError(f"{path} is no PNG file. Delete it and start the workflow again.")
    return struct.unpack(">II", start[16:24])


def under_results(path: str) -> str:
    """Return a path below the folder of results, which may itself lie below a prefix."""
    return re.search(r"results/((?:studies|sweeps)/.*)", path)[1]


def figure(path: str, caption: str) -> str:
    """Return a figure with its caption, as HTML.

    Parameters
    ----------
    path : str
        The PNG file.
    caption : str
        Its caption, in reStructuredText.
    """
    width, height = png_size(path)
    name, address = Path(path).stem, ROOT + under_results(path)
    return (
        f'<figure id="{text(name)}"><h3>{text(words(name))}</h3>'
        f'<a class="enlarge" href="{text(address)}"><img src="{text(address)}" width="{width}" height="{height}" '
        f'style="max-width:{width}px" loading="lazy" alt="Figure: {text(words(name))}. It is described below."></a>'
        f"<figcaption>{templates.prose(caption)}</figcaption></figure>"
    )


def table(path: str, caption: str) -> str:
    """Return a table with its caption, as HTML that is folded up; the arguments are those of `figure`."""
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    name, run = Path(path).stem, re.search(r"/run-(\d+)/", path)
    title = text(words(name)) + (f", run {run[1]}" if run else "")
    rows = frame.to_numpy().tolist()
    anchors = [f"answer-{row[0]}" for row in rows] if name == "answers" else []
    return (
        f'<details class="data" id="{text(name)}{f"-{run[1]}" if run else ""}-table"><summary>{title} '
        f"<small>{len(rows)} rows</small></summary>{templates.prose(caption)}"
        f'<p><a href="{text(ROOT + under_results(path))}" download>As a CSV file</a></p>'
        f'<div class="scroll" tabindex="0" role="region" aria-label="Table: {title}">'
        f"{templates.table(title, list(frame.columns), rows, anchors)}</div></details>"
    )

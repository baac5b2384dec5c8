"""Fill in the templates of the page, and write what was measured as HTML."""

import hashlib
import html
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, repeat
from pathlib import Path

from aelab.errors import LabError


def read(folder: Path, digests: Mapping[str, str]) -> dict[str, str]:
    """Read templates.

    Parameters
    ----------
    folder : Path
        The folder that holds them.
    digests : mapping of str to str
        SHA-256 by the path below the folder, as planned.

    Returns
    -------
    dict of str
        Texts by path.

    Raises
    ------
    LabError
        If a file has been edited since.
    """
    texts = {}
    for file, digest in digests.items():
        content = (folder / file).read_bytes()
        if hashlib.sha256(content).hexdigest() != digest:
            raise LabError(f"{file} was edited after this run was planned. Start again: what is done stays done.")
        texts[file] = content.decode("utf-8")
    return texts


def filled(template: str, **values: str) -> str:
    """Replace each `{{name}}` of a template by a value, which is HTML.

    Raises
    ------
    KeyError
        If a value is missing.
    """
    return re.sub(r"\{\{(\w+)\}\}", lambda match: values[match[1]], template)


def text(value: object) -> str:
    """Return text as HTML."""
    return html.escape(str(value), quote=True)


def prose(value: str) -> str:
    """Return a caption's reStructuredText as HTML: paragraphs, ``literal`` and *emphasis*; empty if there is none."""
    paragraphs = [text(" ".join(part.split())) for part in re.split(r"\n\s*\n", value) if part.strip()]
    marked = [re.sub(r"``(.+?)``|`(.+?)`", r"<code>\1\2</code>", each) for each in paragraphs]
    marked = [re.sub(r"(?<![\w*])\*(\S[^*]*?)\*(?![\w*])", r"<em>\1</em>", each) for each in marked]
    return "".join(f"<p>{each}</p>" for each in marked)


def words(name: str) -> str:
    """Return a name of a file or a column as words."""
    return name.replace("_", " ")


def is_number(value: str) -> bool:
    """Return whether a cell of a table holds a number."""
    return bool(re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?", value))


def table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[str]], anchors: Iterable[str] = ()) -> str:
    """Return a table whose columns can be sorted.

    Parameters
    ----------
    caption : str
        HTML above the table, read out with it.
    columns : sequence of str
        The heads.
    rows : iterable of sequence of str
        The cells of each row.
    anchors : iterable of str
        By what name each row can be linked to; an empty name for none.
    """
    head = "".join(
        f'<th scope="col" aria-sort="none"><button type="button">{text(words(name))}</button></th>' for name in columns
    )
    named = (f' id="{text(anchor)}"' if anchor else "" for anchor in chain(anchors, repeat("")))
    body = "".join(
        f"<tr{name}>" + "".join(cell(value) for value in row) + "</tr>\n"
        for name, row in zip(named, rows, strict=False)
    )
    return (
        f'<table class="sortable"><caption>{caption}</caption><thead><tr>{head}</tr></thead>'
        f"<tbody>\n{body}</tbody></table>"
    )


def cell(value: str) -> str:
    """Return a cell of a table; numbers stand on the right."""
    return f'<td class="number">{text(value)}</td>' if is_number(value) else f"<td>{text(value)}</td>"


def data(name: str, value: object) -> str:
    """Return a block of data for a script, which finds it by its name."""
    content = json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return f'<script type="application/json" id="{name}">{content}</script>'

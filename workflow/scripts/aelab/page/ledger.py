"""The ledger of claims as HTML."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from aelab.page.templates import text, words

Row = Mapping[str, str]

# Verdicts in the order in which they are counted, with their names in the style sheet.
VERDICTS = {
    "reproduced": "yes",
    "not reproduced": "no",
    "undecided": "open",
    "not applicable": "none",
    "not measured": "none",
}
SIDES = {"": "as published", "corrected_": "corrected"}
PLACES = {"": "published", "corrected_": "corrected"}  # where the spec says to which rows their values lead


def rows_of(claims: pd.DataFrame) -> list[dict[str, str]]:
    """Return the rows of the ledger as text, each with its `number` among those of its study, from 1."""
    numbers = claims.groupby("study").cumcount() + 1
    texts = claims.astype(object).where(claims.notna(), "").astype(str).to_dict("records")
    return [{**row, "number": str(number)} for row, number in zip(texts, numbers, strict=True)]


def verdict(name: str) -> str:
    """Return a verdict as HTML; nothing where there is none."""
    return f'<span class="verdict {VERDICTS.get(name, "none")}">{text(name)}</span>' if name else ""


def measured(row: Row, prefix: str, places: Sequence[str | None], page: str) -> str:
    """Return verdict, values, intervals and number of seeds of one side of a claim, as HTML.

    Parameters
    ----------
    row : mapping
        The claim's row of the ledger.
    prefix : str
        The side, one of `SIDES`.
    places : sequence of str or None
        The place of the row that holds each value, on the page of the study.
    page : str
        The address of that page; empty on that page itself.
    """
    if not row[f"{prefix}verdict"]:
        return '<span class="absent">no claim</span>'
    lines = []
    if row[f"{prefix}value"]:
        pairs = zip(row[f"{prefix}value"].split("; "), row[f"{prefix}interval"].split("; "), strict=True)
        for (value, interval), place in zip(pairs, places, strict=True):
            name, _, number = value.rpartition(" ")
            found = f'<span class="quantity">{text(quantity(name))}</span> <b>{text(number)}</b>'
            if place:
                found = f'<a class="number" href="{text(f"{page}#{place}")}">{found}</a>'
            lines.append(f"<li>{found} <small>{text(interval)}</small></li>")
    seeds = row[f"{prefix}seeds"].removesuffix(".0")
    counted = f'<small class="seeds">{text(seeds)} seed{"s" if seeds != "1" else ""}</small>' if seeds else ""
    values = f'<ul class="values">{"".join(lines)}</ul>' if lines else ""
    return f"{verdict(row[f'{prefix}verdict'])}{counted}{values}"


def quantity(name: str) -> str:
    """Return the name of a quantity in words: its model, if it names one, before a dot."""
    return " · ".join(words(part) for part in name.split("."))


def table(rows: Sequence[Row], leads: Sequence[Mapping[str, Any]], caption: str, address: str | None = None) -> str:
    """Return claims as a table.

    Parameters
    ----------
    rows : sequence of mapping
        Rows of the ledger with `number`, their place among those of their study.
    leads : sequence of mapping
        Where each of them leads to: `figure`, `published` and `corrected` (`aelab.plan.pages.Pages.claims`).
    caption : str
        HTML.
    address : str, optional
        Where the page of a study lies, with `{study}` for its name; without it the rows are those of one study.
    """
    heads = ["claim", "published", *SIDES.values()]
    head = "".join(
        f'<th scope="col" aria-sort="none"><button type="button">{text(name)}</button></th>' for name in heads
    )
    body = "".join(one(row, lead, address) for row, lead in zip(rows, leads, strict=True))
    return (
        f'<table class="ledger sortable" id="ledger"><caption>{caption}</caption><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )


def one(row: Row, lead: Mapping[str, Any], address: str | None) -> str:
    """Return the row of a claim, which leads to its figure and to the rows of its numbers."""
    anchor = f"claim-{row['number']}"
    claim, page = text(row["claim"]), address.format(study=row["study"]) if address else ""
    if address:
        claim = f'<a href="{text(page)}#{anchor}">{claim}</a>'
    figure = ""
    if lead["figure"]:
        href = text(f"{page}#{lead['figure']}")
        figure = f'<p class="leads"><a href="{href}">Figure: {text(words(lead["figure"]))}</a></p>'
    source = ", ".join(text(row[key]) for key in ("source", "place", "certainty") if row[key])
    study = f'<span class="study">{text(words(row["study"]))}</span>' if address else ""
    why = f"<details><summary>Why</summary><p>{text(row['why'])}</p></details>" if row["why"] else ""
    sides = "".join(
        f'<td data-label="{label}" data-sort="{text(row[f"{prefix}verdict"])}">'
        f"{measured(row, prefix, lead[PLACES[prefix]], page)}</td>"
        for prefix, label in SIDES.items()
    )
    place = f"{row['study']}-{anchor}" if address else anchor
    return (
        f'<tr id="{text(place)}" data-study="{text(row["study"])}" data-published="{text(row["verdict"])}" '
        f'data-corrected="{text(row["corrected_verdict"])}">'
        f'<th scope="row" data-label="claim">{study}<p>{claim}</p><small>{source}</small>{figure}{why}</th>'
        f'<td data-label="published">{text(row["published"])}</td>{sides}</tr>'
    )


def counts(rows: Iterable[Row], prefix: str = "") -> dict[str, int]:
    """Return how many claims have each verdict, in the order of `VERDICTS`."""
    found = [row[f"{prefix}verdict"] for row in rows]
    return {name: found.count(name) for name in VERDICTS if name in found}


def bar(rows: Sequence[Row], prefix: str) -> str:
    """Return the verdicts of some claims as a bar whose parts filter the ledger."""
    counted = counts(rows, prefix)
    if not counted:
        return ""
    study, side = rows[0]["study"], "corrected" if prefix else "published"
    parts = "".join(
        f'<button type="button" class="{VERDICTS[name]}" style="flex-grow:{number}" data-study="{text(study)}" '
        f'data-side="{side}" data-verdict="{text(name)}" title="{text(name)}: {number}" '
        f'aria-label="{text(words(study))}, {SIDES[prefix]}: {number} {text(name)}; show them">{number}</button>'
        for name, number in counted.items()
    )
    return f'<div class="bar"><span>{SIDES[prefix]}</span><div class="parts">{parts}</div></div>'

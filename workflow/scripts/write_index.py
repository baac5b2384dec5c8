"""Write the first page of the results: what this is, every claim with its verdicts, the way to all other pages.

Inputs: the ledger. The templates are read as planned: the spec holds their digests.

Outputs: `index.html`, which holds its style sheet and its scripts itself.
"""

from collections.abc import Mapping, Sequence

from aelab.files.atomic import write_text
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.page import ledger, site, templates
from aelab.page.templates import text, words
from aelab.plan import specs


def study_card(study: Mapping[str, str], rows: Sequence[Mapping[str, str]]) -> str:
    """Return a study's name, question and verdicts, as HTML."""
    bars = "".join(ledger.bar(rows, prefix) for prefix in ledger.SIDES)
    return (
        f'<li class="card"><h3><a href="page/studies/{text(study["name"])}.html">{text(words(study["name"]))}</a></h3>'
        f"<p>{text(study['question'])}</p>{bars}</li>"
    )


def instrument_card(name: str, template: str) -> str:
    """Return an instrument's name and what it does, as HTML."""
    return (
        f'<li class="card tool"><h3><a href="page/{name}.html">{site.heading(template)}</a></h3>'
        f"<p>{site.lead(template)}</p></li>"
    )


def sweeps(listed: Sequence[Mapping[str, object]]) -> str:
    """Return the section that leads to the sweeps, as HTML; empty if there are none."""
    cards = "".join(
        f'<li class="card"><h3><a href="page/sweeps/{text(each["name"])}.html">{text(words(each["name"]))}</a></h3>'
        f"<p>{each['models']:,} models</p></li>"
        for each in listed
    )
    if not cards:
        return ""
    return (
        '<section aria-labelledby="sweeps"><h2 id="sweeps">Sweeps</h2>'
        f'<p>Models that differ in a few keys.</p><ul class="cards">{cards}</ul></section>'
    )


def tally(counts: Mapping[str, int]) -> str:
    """Return how many claims have which verdict, in words, as HTML."""
    judged = {name: number for name, number in counts.items() if ledger.VERDICTS[name] != "none"}
    holding, open_ = judged.get("reproduced", 0), judged.get("undecided", 0)
    said = f"Of {sum(judged.values())} claims that could be checked, <strong>{holding}</strong> hold"
    if judged.get("not reproduced"):
        said += f", {judged['not reproduced']} do not"
    if open_:
        said += (
            f", and {open_} are undecided: another seed might give another answer. "
            "'make thorough' trains every model from five seeds"
        )
    return f"{said}."


def in_words(data: Sequence[Mapping[str, object]]) -> str:
    """Return how many images of what the models are trained on."""
    return " and ".join(f"{each['images']:,} images of {text(each['words'])}" for each in data)


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        texts = templates.read(frame.WORKFLOW / "page", spec["templates"])
        rows = ledger.rows_of(read_table(snakemake.input.claims, ["study", "verdict"]))
        of_study = {study["name"]: [row for row in rows if row["study"] == study["name"]] for study in spec["studies"]}
        leads = [spec["claims"][row["study"]][int(row["number"]) - 1] for row in rows]
        options = "".join(f'<option value="{text(name)}">{text(words(name))}</option>' for name in of_study)
        main = templates.filled(
            texts["index.html"],
            images=in_words(spec["data"]),
            claims=str(len(rows)),
            tally=tally(ledger.counts(rows)),
            number_of_studies=f"{len(of_study)} {'study' if len(of_study) == 1 else 'studies'}",
            studies="".join(study_card(study, of_study[study["name"]]) for study in spec["studies"]),
            instruments="".join(instrument_card(*item) for item in site.instruments(texts).items()),
            sweeps=sweeps(spec["sweeps"]),
            options=options,
            verdicts="".join(f"<option>{text(name)}</option>" for name in ledger.VERDICTS),
            ledger=ledger.table(rows, leads, "Every claim, with its verdicts", "page/studies/{study}.html"),
        )
        html = site.page(texts, spec["studies"], "index.html", "Autoencoders, checked", main, ["ledger.js"], True)
        write_text(snakemake.output[0], html)

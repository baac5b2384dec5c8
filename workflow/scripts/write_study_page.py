"""Write the page of one study: its question, its models, its claims, its figures and its tables.

Inputs: the ledger, the metrics, and the study's captions, figures and tables. The templates are read as planned: the
spec holds their digests.

Outputs: one HTML file. Figures stay the files that they are, next to which the page lies.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from aelab.files.atomic import write_text
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.page import exhibits, ledger, site, templates
from aelab.page.templates import text, words
from aelab.plan import specs


def caption_of(stem: str, captions: Mapping[str, str]) -> str:
    """Return the caption of a figure or a table: that of its name, or the one that begins with most of its words."""
    if stem in captions:
        return captions[stem]

    def common(name: str) -> int:
        pairs = zip(name.split("_"), stem.split("_"), strict=False)
        return next((n for n, (a, b) in enumerate(pairs) if a != b), min(name.count("_"), stem.count("_")) + 1)

    best = max(sorted(captions), key=common, default=None)
    return captions[best] if best and common(best) else ""


def caption_of_table(path: str, captions: Mapping[str, str]) -> str:
    """Return the caption of a table: its own, or that of the figure of the same name; empty if there is none."""
    name = Path(path).stem
    return captions.get(f"{name}_table") or captions.get(name) or ""


def models(metrics: pd.DataFrame, groups: Mapping[str, Sequence[Mapping[str, str]]]) -> str:
    """Return the metrics of a study's models, group by group, as HTML."""
    order = [(group, member["name"]) for group, members in groups.items() for member in members]
    wanted = metrics[metrics["model"].isin([name for _, name in order])]
    group_of = {name: group for group, name in order}
    left_out = {"model", "seed", "kind", "recipe", "description"}
    columns = [column for column in metrics.columns if column not in left_out and (wanted[column] != "").any()]
    rows = [
        [group_of[name], name, *row[["seed", "description", *columns]].tolist()]
        for _, name in order
        for _, row in wanted[wanted["model"] == name].iterrows()
    ]
    names = [row[1] for row in rows]
    anchors = [f"model-{name}" if name not in names[:place] else "" for place, name in enumerate(names)]
    heads = ["group", "model", "seed", "description", *columns]
    return templates.table("Models and their metrics", heads, rows, anchors)


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        texts = templates.read(frame.WORKFLOW / "page", spec["templates"])
        claims = ledger.rows_of(read_table(snakemake.input.claims, ["study", "verdict"]))
        rows = [row for row in claims if row["study"] == spec["study"]]
        captions = {Path(path).stem: Path(path).read_text(encoding="utf-8") for path in snakemake.input.captions}
        metrics = pd.read_csv(snakemake.input.metrics, dtype=str, keep_default_na=False)
        departures = templates.prose(captions.get("departures", ""))
        figures = [
            exhibits.figure(path, caption_of(Path(path).stem, captions))
            for path in dict.fromkeys(snakemake.input.figures)
        ]
        title = text(words(spec["study"]))
        main = templates.filled(
            texts["study.html"],
            name=title,
            question=text(spec["question"]),
            bars="".join(ledger.bar(rows, prefix) for prefix in ledger.SIDES),
            departures=f"<details><summary>What departs from the publication</summary>{departures}</details>"
            if departures
            else "",
            ledger=ledger.table(rows, spec["claims"], "The claims of this study"),
            contents="".join(
                f'<li><a href="#{text(Path(path).stem)}">{text(words(Path(path).stem))}</a></li>'
                for path in dict.fromkeys(snakemake.input.figures)
            ),
            figures="".join(figures),
            models=models(metrics, spec["groups"]),
            tables="".join(
                exhibits.table(path, caption_of_table(path, captions)) for path in dict.fromkeys(snakemake.input.tables)
            ),
        )
        here = f"page/studies/{spec['study']}.html"
        html = site.page(texts, spec["studies"], here, title, main, ["ledger.js"])
        write_text(snakemake.output[0], html)

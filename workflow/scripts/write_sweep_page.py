"""Write the page of one sweep: its figure and its table.

Inputs: the table, the figure and the caption of the sweep. The templates are read as planned: the spec holds their
digests.

Outputs: one HTML file. The figure stays the file that it is, next to which the page lies.
"""

from pathlib import Path

from aelab.files.atomic import write_text
from aelab.jobs import frame
from aelab.page import exhibits, site, templates
from aelab.page.templates import text, words
from aelab.plan import specs

if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        texts = templates.read(frame.WORKFLOW / "page", spec["templates"])
        caption, title = Path(snakemake.input.caption).read_text(encoding="utf-8"), text(words(spec["sweep"]))
        main = templates.filled(
            texts["sweep.html"],
            name=title,
            figure=exhibits.figure(snakemake.input.figure, caption),
            table=exhibits.table(snakemake.input.table, ""),
        )
        here = f"page/sweeps/{spec['sweep']}.html"
        write_text(snakemake.output[0], site.page(texts, spec["studies"], here, title, main))

"""Write the pages of the instruments, and the style sheet and scripts of all pages.

Inputs: none. The templates are read as planned: the spec holds their digests. What the instruments apply and show are
scripts of their own (`pack_model` and the like), which the pages load.

Outputs: one HTML file per instrument, and the assets.
"""

from pathlib import Path
from typing import Any

from aelab.files.atomic import write_text
from aelab.jobs import frame
from aelab.page import site, templates
from aelab.plan import specs
from aelab.report.figures import class_colours


def laboratory(spec: dict[str, Any]) -> dict[str, Any]:
    """Return what the scripts of an instrument need to know: models, benches, and data sets with their colours."""
    datasets = {
        name: {**data, "colours": class_colours(len(data["classes"]))} for name, data in spec["datasets"].items()
    }
    return {"models": spec["models"], "datasets": datasets, "benches": spec["benches"]}


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        texts = templates.read(frame.WORKFLOW / "page", spec["templates"])
        shared = templates.data("laboratory", laboratory(spec))
        for path in snakemake.output.pages:
            name = Path(path).stem
            template = texts[f"instruments/{name}.html"]
            scripts = ["engine.js", "stage.js", f"{name}.js"]
            title, here = site.heading(template), f"page/{name}.html"
            html = site.page(texts, spec["studies"], here, title, template + shared, scripts)
            write_text(path, html)
        for path in snakemake.output.assets:
            write_text(path, texts[f"assets/{Path(path).name}"])

"""Fetch the four IDX files of a public data set and check each against its SHA-256.

In: where they may be had; their digests are part of the spec. Out: the four uncompressed files, grey images (0 to 255)
and their labels, and a description that says what they must hold.
"""

from pathlib import Path

from aelab.data import sources
from aelab.data.files_of import DESCRIPTION
from aelab.files.atomic import replacing, write_json
from aelab.jobs import frame
from aelab.plan import specs


def write(contents, description, outputs):
    """Write each file to the output of its name."""
    for path in outputs:
        if Path(path).name == DESCRIPTION:
            write_json(path, description)
        else:
            with replacing(path) as file:
                file.write(contents[Path(path).name])


if "snakemake" in globals():
    with frame.job(snakemake):
        description = specs.parse(snakemake.params.spec)["dataset"]
        contents = sources.fetch(specs.parse(snakemake.resources.source), description["files"])
        write(contents, description, snakemake.output)

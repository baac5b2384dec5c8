"""Fetch the four IDX files of a public data set, and check each against its SHA-256.

Inputs: none; the digests are part of the spec, and `resources.source` says where to look for the files.

Outputs: the four uncompressed files, grey images (0 to 255) and their labels, and a description of what they contain.
"""

from collections.abc import Iterable
from pathlib import Path

from aelab.data import sources
from aelab.data.files_of import DESCRIPTION
from aelab.files.atomic import replacing, write_json
from aelab.jobs import frame
from aelab.plan import specs


def write(contents: dict[str, bytes], description: dict, outputs: Iterable[str]) -> None:
    """Write the description and the files.

    Parameters
    ----------
    contents : dict of str to bytes
        Content of each file by name.
    description : dict
        Description of the data set.
    outputs : iterable of str
        The paths to write; each gets the content that belongs to its file name.
    """
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

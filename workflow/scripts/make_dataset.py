"""Make the four IDX files of a data set that is not fetched: scikit-learn's digits, or the user's own images.

In: the user's files. Out: the four files, grey images (0 to 255) and their labels, and a description: what was made of
which files (by one digest of them all), and what the four must hold.
"""

import hashlib
from pathlib import Path

from aelab.data import made, own
from aelab.data.files_of import DESCRIPTION, difference
from aelab.errors import LabError
from aelab.files.atomic import replacing, write_json
from aelab.jobs import frame
from aelab.plan import specs


def check_source(description, settings):
    """Raise `LabError` unless the user's files are those that the run was planned with."""
    if description["origin"]:
        try:
            found = own.origin(own.survey(description["kind"], settings)["files"])
        except own.Unusable as error:
            raise LabError(f"the data set {settings['name']}: {error}.") from None
        if found != description["origin"]:
            raise LabError(f"files of the data set {settings['name']} were changed after this run was planned.")


def check_made(description, contents):
    """Raise `LabError` unless what was made is what is known of it."""
    for name, expected in description.get("files", {}).items():
        reason = difference(expected, contents[name])
        if reason:
            raise LabError(f"{name} as made {reason}: the library that it comes from has another data set now.")


if "snakemake" in globals():
    with frame.job(snakemake):
        description = specs.parse(snakemake.params.spec)["dataset"]
        settings = specs.parse(snakemake.resources.source)
        check_source(description, settings)
        contents = made.files(made.READERS[description["kind"]](settings, settings["name"]), description["classes"])
        check_made(description, contents)
        files = {name: [hashlib.sha256(content).hexdigest(), len(content)] for name, content in contents.items()}
        for path in snakemake.output:
            if Path(path).name == DESCRIPTION:
                write_json(path, {**description, "files": files})
            else:
                with replacing(path) as file:
                    file.write(contents[Path(path).name])

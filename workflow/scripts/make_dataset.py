"""Make the four IDX files of a data set that is not fetched: scikit-learn's digits, or the user's own images.

Inputs: none; `resources.source` names the user's files.

Outputs: the four files, grey images (0 to 255) and their labels, and a description: what they contain, and the files
that they were made from, by one digest of them all.
"""

import hashlib
from pathlib import Path

from aelab.data import made, own
from aelab.data.files_of import DESCRIPTION, difference
from aelab.errors import LabError
from aelab.files.atomic import replacing, write_json
from aelab.jobs import frame
from aelab.plan import specs


def check_source(description: dict, settings: dict) -> None:
    """Check that the user's files are still those that the run was planned with.

    Parameters
    ----------
    description : dict
        Description of the data set, with `kind` and `origin`, the digest of the user's files, if there are any.
    settings : dict
        The data set's entry in the configuration, with its `name`.

    Raises
    ------
    LabError
        If the files cannot be used or have changed.
    """
    if description["origin"]:
        try:
            found = own.origin(own.survey(description["kind"], settings)["files"])
        except own.Unusable as error:
            raise LabError(f"the data set {settings['name']}: {error}.") from None
        if found != description["origin"]:
            raise LabError(f"files of the data set {settings['name']} were changed after this run was planned.")


def check_made(description: dict, contents: dict[str, bytes]) -> None:
    """Check that the files have the known digests, if the description has any.

    Parameters
    ----------
    description : dict
        Description of the data set; `files` maps names to SHA-256 and size in bytes.
    contents : dict of str to bytes
        Content of each file by name.

    Raises
    ------
    LabError
        If a file differs.
    """
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

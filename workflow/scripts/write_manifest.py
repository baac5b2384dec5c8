"""Write the checksums of every file that the workflow makes.

Inputs: the files.

Outputs: `manifest.sha256`, one line per file, sorted by path: SHA-256 and path, as `sha256sum` writes and checks them.
Timings, logs and checkpoints are not listed.
"""

import hashlib

from aelab.files.atomic import write_text
from aelab.jobs import frame


def digest(path: str) -> str:
    """Compute the SHA-256 of a file, as 64 hexadecimal digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if "snakemake" in globals():
    with frame.job(snakemake):
        write_text(snakemake.output[0], "".join(f"{digest(file)}  {file}\n" for file in sorted(snakemake.input)))

"""Autoencoders on grey images, from the images to claims.

Each package is a room for one thing and says in one line which. Rooms import from those below them: `plan` from
`kinds` and `data`; `kinds` from `training`; `training`, `inference`, `analysis` and `report` from `data`, not from each
other; `data` from `files`, and all of them from `jobs`. The contracts in pyproject.toml hold that.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 (an environment made by hand may be older)
    raise SystemExit(
        "error: Python 3.11 or newer is needed; this is {}.{} ({}).\n"
        "Use the environment that `make` sets up, or `snakemake --use-conda`.".format(
            *sys.version_info[:2], sys.executable
        )
    )

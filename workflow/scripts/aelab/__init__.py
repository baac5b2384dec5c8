"""Autoencoders on grey images, from reading the images to checking published claims.

Each package has one task, which the first line of its docstring states. Packages import only from those below them:
`plan` from `kinds` and `data`; `kinds` from `training`; `training`, `inference`, `analysis` and `report` from `data`,
not from each other; `data` from `files`; all of them from `jobs`. Contracts in pyproject.toml enforce this.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 (an environment that was set up by hand may be older)
    raise SystemExit(
        "error: Python 3.11 or newer is needed; this is {}.{} ({}).\n"
        "Use the environment that `make` sets up, or `snakemake --use-conda`.".format(
            *sys.version_info[:2], sys.executable
        )
    )

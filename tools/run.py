"""The command `snakemake` with the board of the run in place of Snakemake's own lines. `make` starts it.

`python tools/run.py [arguments of snakemake]` does what `snakemake` does with these arguments. The board is a logger
plugin, `board.plugin`, whose docstring says why it is registered here. With `--logger` there is another or none.
"""

import sys

NAME = "board"


def main() -> None:
    """Be the command `snakemake`, with the logger `board` unless the arguments name one."""
    from snakemake import cli
    from snakemake_interface_logger_plugins.common import logger_plugin_module_prefix
    from snakemake_interface_logger_plugins.registry import LoggerPluginRegistry

    from board import plugin

    LoggerPluginRegistry().register_plugin(logger_plugin_module_prefix + NAME, plugin)
    sys.path.pop(0)  # this folder, which Snakemake would pass on to its jobs
    arguments = sys.argv[1:]
    if not any(argument.partition("=")[0] == "--logger" for argument in arguments):
        arguments.insert(0, f"--logger={NAME}")
    sys.argv = ["snakemake", *arguments]
    cli.main()


if __name__ == "__main__":
    main()

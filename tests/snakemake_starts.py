"""Starts of Snakemake without its second of imports: one process has loaded it and a copy of it runs each command.

For tests that start Snakemake as a user does and look at what it says. Those of what an interpreter does when it
starts, of other interpreters and of signals start a process of their own.
"""

import atexit
import json
import os
import subprocess
import sys


class Starts:
    """A process that runs `snakemake` commands, one after the other."""

    def __init__(self):
        self.process = None

    def run(self, arguments, cwd, env=None):
        """As `subprocess.run(["snakemake", *arguments], cwd=, env=, capture_output=True, text=True)`."""
        if self.process is None:
            self.process = subprocess.Popen(
                [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            atexit.register(self.end)
        request = {
            "arguments": [str(argument) for argument in arguments],
            "folder": str(cwd),
            "environment": dict(os.environ if env is None else env),
        }
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        return subprocess.CompletedProcess(["snakemake", *arguments], **answer)

    def end(self):
        """Let the process end."""
        self.process.stdin.close()
        self.process.wait()


STARTS = Starts()


def snakemake(*arguments, cwd, env=None):
    """Run a `snakemake` command in a folder: a finished process."""
    return STARTS.run(arguments, cwd, env)


def carry_out(arguments, folder, environment):
    """Run a command in a copy of this process and give its end: `returncode`, `stdout`, `stderr`."""
    import tempfile

    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        child = os.fork()
        if child == 0:
            become(arguments, folder, environment, stdout.fileno(), stderr.fileno())
        _, status = os.waitpid(child, 0)
        said = {}
        for name, file in (("stdout", stdout), ("stderr", stderr)):
            file.seek(0)
            said[name] = file.read().decode(errors="replace")
    return {"returncode": os.waitstatus_to_exitcode(status), **said}


def become(arguments, folder, environment, stdout, stderr):
    """Turn this process into the command; never returns."""
    code = 1
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(stdout, 1)
        os.dup2(stderr, 2)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        sys.argv = ["snakemake", *arguments]
        from snakemake import cli

        cli.main(arguments)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def load():
    """Import what a start of Snakemake imports, early or late."""
    import gc

    import jsonschema  # noqa: F401
    import pandas  # noqa: F401 - Snakemake imports it to compare parameters
    import smart_open  # noqa: F401
    import yaml
    import yte  # noqa: F401
    from snakemake import cli, workflow  # noqa: F401

    # The same language, by the parser in C: Snakemake's takes ten times as long.
    yaml.FullLoader = getattr(yaml, "CFullLoader", yaml.FullLoader)
    cli.get_argument_parser()  # loads the plugins
    gc.freeze()  # copies share these pages


def serve():
    """Answer requests, a line each, until there are no more."""
    sys.path.remove(os.path.dirname(os.path.abspath(__file__)))
    load()
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps(carry_out(request["arguments"], request["folder"], request["environment"])), flush=True)


if __name__ == "__main__":
    serve()

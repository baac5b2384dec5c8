"""Notes what a process opens and imports. Python runs it at start-up where this folder is on PYTHONPATH.

With AELAB_AUDIT set to a folder, each process that runs a script of the workflow writes a file there at its
end: the files that it opened, for reading and for writing, and the files of all modules that it loaded.
"""

import atexit
import json
import os
import re
import sys

FOLDER = os.environ.get("AELAB_AUDIT")
SCRIPTS = ".snakemake/scripts/"


def install(path):
    """Note what the process does from now on. `path` is the script's file as Snakemake has written it."""
    opened = {"read": set(), "written": set()}
    start = os.getcwd()
    with open(path, encoding="utf-8") as file:  # a copy of the script, whose first lines say where it lies
        script = re.search(r"__real_file__ = __file__; __file__ = '([^']+)'", file.read())[1]

    def hook(event, arguments):
        if event == "open" and isinstance(arguments[0], (str, bytes)):
            path, _, flags = arguments
            writing = (flags or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
            opened["written" if writing else "read"].add(os.path.join(start, os.fsdecode(path)))

    def write():
        modules = {script} | {
            module.__file__ for module in list(sys.modules.values()) if getattr(module, "__file__", None)
        }
        content = {kind: sorted(paths) for kind, paths in {**opened, "modules": modules}.items()}
        with open(os.path.join(FOLDER, f"{os.getpid()}-{os.path.basename(path)}.json"), "w") as file:
            json.dump(content, file)

    sys.addaudithook(hook)
    atexit.register(write)


def wait_for_a_script():
    """Install when this process, a fork of a starter, reads its script."""
    begun = []

    def hook(event, arguments):
        if event == "open" and not begun and SCRIPTS in str(arguments[0]):
            begun.append(True)
            install(str(arguments[0]))

    sys.addaudithook(hook)


if FOLDER:
    script = next((word for word in sys.orig_argv if SCRIPTS in word), None)
    if script:
        install(script)
    elif any(word.endswith("/starter.py") for word in sys.orig_argv):
        wait_for_a_script()

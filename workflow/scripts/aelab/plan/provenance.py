"""Which code a script runs, found without running it.

Snakemake sees a script by its modification time and an imported module not at all. Here a script
counts with every module of ours that it imports, directly or not, each by the digest of its code
(`aelab.jobs.digests`).

What only decides whether and when a job runs, and how it ends, lies outside (`OUTSIDE`): another word in a log message
runs nothing anew. Imports are followed through it, so that what it pulls in from elsewhere counts.
"""

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from aelab.jobs.digests import tree_digest

WORKFLOW = Path(__file__).resolve().parents[3]
LIBRARY = "scripts"  # the folder below `WORKFLOW` that modules are imported from
PACKAGE = "aelab"

# The only place that picks a module at run time; its kinds are named by the caller.
CHOSEN_BY_KIND = f"{PACKAGE}.kinds"

# Below `WORKFLOW`: what is in no job's digest.
OUTSIDE = (f"{LIBRARY}/{PACKAGE}/jobs/", f"{LIBRARY}/{PACKAGE}/errors.py")


@dataclass(frozen=True)
class Source:
    """What a file of code holds: names of our modules that it imports, its digest."""

    imports: frozenset
    digest: str


def module_file(name, folder):
    """The file of a module in a folder, or None if there is no such module."""
    base = folder.joinpath(*name.split("."))
    for candidate in (base.with_suffix(".py"), base / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


def found_module(name, path, root):
    """The file of a module that the file `path` imports: of the library, or beside it; None for what is not ours."""
    return module_file(name, root / LIBRARY) or module_file(name, path.parent)


@cache
def source(path, root):
    """What a file below `root` holds, read once a process."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    package = path.relative_to(root / LIBRARY).parts if path.is_relative_to(root / LIBRARY) else (path.name,)
    imports = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                base = ".".join(package[: len(package) - node.level] + ((base,) if base else ()))
            names = [base] + [f"{base}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            parts = name.split(".")
            imports.update(".".join(parts[: n + 1]) for n in range(len(parts)))  # a module and its packages
    ours = frozenset(name for name in imports if found_module(name, path, root))
    return Source(ours, tree_digest(tree))


@cache
def closure(script, kinds=(), root=WORKFLOW):
    """A script and all modules that it imports, directly or not: a dict from path to `Source`, by path.

    `script` is relative to `root`. `kinds` names the architectures that the job will load: of the modules that are
    chosen at run time, those count and no others.
    """
    found, queue = {}, [root / script]
    while queue:
        path = queue.pop()
        if path in found:
            continue
        found[path] = source(path, root)
        names = set(found[path].imports)
        if CHOSEN_BY_KIND in names:
            for kind in kinds:
                names.update([f"{CHOSEN_BY_KIND}.{kind}", f"{CHOSEN_BY_KIND}.{kind}.architecture"])
        queue += [file for name in names if (file := found_module(name, path, root))]
    return dict(sorted(found.items()))


@cache
def counted(script, kinds=(), root=WORKFLOW):
    """Of `closure` what can change the bytes of a result: a dict from file (relative, POSIX) to `Source`."""
    files = {path.relative_to(root).as_posix(): each for path, each in closure(script, kinds, root).items()}
    return {file: each for file, each in files.items() if not file.startswith(OUTSIDE)}


def code(script, kinds=(), root=WORKFLOW):
    """The digests of a script and of each module that counts: a dict from file (relative, POSIX) to digest."""
    return {file: each.digest for file, each in counted(script, tuple(sorted(kinds)), root).items()}

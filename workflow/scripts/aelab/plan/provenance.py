"""Which code a script runs, found without running it.

Snakemake sees a script by its modification time and an imported module not at all. Here a script
counts with every module of ours that it imports, directly or not, each by the digest of its code
(`aelab.digests`).
"""

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from aelab.digests import tree_digest

SCRIPTS = Path(__file__).resolve().parent.parent
PACKAGE = Path(__file__).resolve().parent.name

# The only place that picks a module at run time; its kinds are named by the caller.
CHOSEN_BY_KIND = f"{PACKAGE}.architectures"


@dataclass(frozen=True)
class Source:
    """What a file of code holds: names of our modules that it imports, its text constants, its digest."""

    imports: frozenset
    words: frozenset
    digest: str


def module_file(name, root):
    """The file of a module beside the scripts, or None if there is no such module."""
    base = root.joinpath(*name.split("."))
    for candidate in (base.with_suffix(".py"), base / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


@cache
def source(path, root):
    """What a file below `root` holds, read once a process."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = path.relative_to(root).parts
    imports, words = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            words.add(node.value)
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                base = ".".join(inside[: len(inside) - node.level] + ((base,) if base else ()))
            names = [base] + [f"{base}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            parts = name.split(".")
            imports.update(".".join(parts[: n + 1]) for n in range(len(parts)))  # a module and its packages
    ours = frozenset(name for name in imports if module_file(name, root))
    return Source(ours, frozenset(words), tree_digest(tree))


@cache
def closure(script, kinds=(), root=SCRIPTS):
    """A script and all modules that it imports, directly or not: a dict from path to `Source`, by path.

    `kinds` names the architectures that the job will load: of the modules that are chosen at run time,
    those count and no others.
    """
    found, queue = {}, [root / script]
    while queue:
        path = queue.pop()
        if path in found:
            continue
        found[path] = source(path, root)
        names = set(found[path].imports)
        if CHOSEN_BY_KIND in names:
            names.update(f"{CHOSEN_BY_KIND}.{kind}" for kind in kinds)
        queue += [file for name in names if (file := module_file(name, root))]
    return dict(sorted(found.items()))


@cache
def _code(script, kinds, root):
    sources = closure(script, kinds, root)
    return tuple((path.relative_to(root).as_posix(), each.digest) for path, each in sources.items())


def code(script, kinds=(), root=SCRIPTS):
    """The digests of a script and of each module that it imports: a dict from file (relative, POSIX) to digest."""
    return dict(_code(script, tuple(sorted(kinds)), root))


@cache
def words(script, root=SCRIPTS):
    """Every text constant in a script and in the modules that it imports.

    A key of the spec that is none of these is not read: a job that asked for it would fail with a `KeyError`.
    """
    return frozenset().union(*(each.words for each in closure(script, root=root).values()))

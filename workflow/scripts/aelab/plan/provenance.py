"""Find out which code a script runs, without running it.

Snakemake detects a changed script by its modification time and does not see imported modules at all. Here, the code of
a job is the script together with every module of this project that it imports, directly or not, each represented by the
digest of its code (`aelab.jobs.digests`).

Code that only decides whether and when a job runs, and how it ends, does not count (`OUTSIDE`): rewording a log message
reruns nothing. Imports are followed through it nevertheless, so that the modules that it imports from elsewhere count.
"""

import ast
import contextlib
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from aelab.jobs import digests
from aelab.jobs.digests import tree_digest

WORKFLOW = Path(__file__).resolve().parents[3]
LIBRARY = "scripts"  # the folder below `WORKFLOW` from which modules are imported
PACKAGE = "aelab"

# The only modules that jobs use to choose another one at run time, and which one of a kind's folder they choose.
KINDS = f"{PACKAGE}.kinds"
CHOSEN_BY_KIND = {f"{KINDS}.architectures": "architecture", f"{KINDS}.models": "inference"}

# The fields of a syntax tree that hold statements.
BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")

# Where what is found about files of code is kept.
KEPT = Path(".snakemake/aelab_code")

# Files and folders below `WORKFLOW` that are not part of any job's digest.
OUTSIDE = (f"{LIBRARY}/{PACKAGE}/jobs/", f"{LIBRARY}/{PACKAGE}/errors.py")


@dataclass(frozen=True)
class Source:
    """What is known about a file of code.

    Parameters
    ----------
    imports : dict
        The modules of this project that it imports, their packages included: their files by their names.
    digest : str
        The digest of its code, 16 hexadecimal digits.
    """

    imports: dict[str, Path]
    digest: str


@cache
def module_file(name: str, folder: Path) -> Path | None:
    """Return the file of a module below a folder, or None if there is no such module."""
    base = folder.joinpath(*name.split("."))
    for candidate in (base.with_suffix(".py"), base / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


def found_module(name: str, path: Path, root: Path) -> Path | None:
    """Return the file of an imported module.

    Parameters
    ----------
    name : str
        The full name of the module.
    path : Path
        The file that imports it.
    root : Path
        The folder `workflow`.

    Returns
    -------
    Path or None
        A file of the library or beside `path`; None if the module does not belong to this project.
    """
    return module_file(name, root / LIBRARY) or module_file(name, path.parent)


def statements(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield every statement of a syntax tree, and what holds statements, without going into expressions."""
    queue = [tree]
    while queue:
        node = queue.pop()
        yield node
        for field in BLOCKS:
            queue += getattr(node, field, ())


@cache
def source(path: Path, root: Path) -> Source:
    """Return what is known about a file below `root`. Each file is read once per process."""
    package = path.relative_to(root / LIBRARY).parts if path.is_relative_to(root / LIBRARY) else (path.name,)
    names, digest = analysed(path.read_bytes(), package)
    return Source({name: file for name in names if (file := found_module(name, path, root))}, digest)


def analysed(content: bytes, package: tuple[str, ...]) -> tuple[list[str], str]:
    """Return what code imports, and its digest.

    Analysing all code takes a fifth of the time of a plan. What is found about a file is therefore kept below
    `.snakemake`, under the digest of its bytes and of what the answer depends on besides.

    Parameters
    ----------
    content : bytes
        The code.
    package : tuple of str
        The folders and the name of its file, relative to the library.

    Returns
    -------
    names : list of str
        The modules that it may import, their packages included, whether they are of this project or not.
    digest : str
        The digest of its code, 16 hexadecimal digits.
    """
    key = hashlib.sha256(b"\0".join([analyser(), "/".join(package).encode(), content])).hexdigest()[:32]
    kept = KEPT / key
    with contextlib.suppress(OSError, ValueError):
        names, digest = json.loads(kept.read_bytes())
        return names, digest
    tree = ast.parse(content)
    names, digest = sorted(imported(tree, package)), tree_digest(tree)
    if KEPT.parent.is_dir():
        with contextlib.suppress(OSError):  # half a file is no JSON: it is written again
            KEPT.mkdir(exist_ok=True)
            kept.write_text(json.dumps([names, digest]), encoding="utf-8")
    return names, digest


@cache
def analyser() -> bytes:
    """Return the digest of the code by which code is analysed, and of the version of Python."""
    code = b"".join(Path(file).read_bytes() for file in (__file__, digests.__file__))
    return hashlib.sha256(sys.version.encode() + code).digest()


def imported(tree: ast.AST, package: tuple[str, ...]) -> set[str]:
    """Return the modules that a syntax tree may import, their packages included.

    Parameters
    ----------
    tree : ast.AST
        The tree.
    package : tuple of str
        The folders and the name of its file, relative to the library.
    """
    imports = set()
    for node in statements(tree):
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
    return imports


@cache
def closure(
    script: str, built: tuple[str, ...] = (), applied: tuple[str, ...] = (), root: Path = WORKFLOW
) -> dict[Path, Source]:
    """Return a script and all modules of this project that it imports, directly or not.

    Parameters
    ----------
    script : str
        The script, relative to `root`.
    built : tuple of str
        The kinds of model whose architectures the job loads. Of the modules that are chosen at run time, only those of
        these kinds count.
    applied : tuple of str
        The kinds of model whose own operations in NumPy the job loads.
    root : Path
        The folder `workflow`.

    Returns
    -------
    dict
        `Source` by path, sorted by path.
    """
    found, queue = {}, [root / script]
    while queue:
        path = queue.pop()
        if path in found:
            continue
        found[path] = source(path, root)
        queue += found[path].imports.values()
        for chooser, module in CHOSEN_BY_KIND.items():
            if chooser in found[path].imports:
                chosen = {"architecture": built, "inference": applied}[module]
                names = [name for kind in chosen for name in (f"{KINDS}.{kind}", f"{KINDS}.{kind}.{module}")]
                queue += [file for name in names if (file := module_file(name, root / LIBRARY))]
    return {path: found[path] for path in sorted(found, key=str)}


@cache
def counted(
    script: str, built: tuple[str, ...] = (), applied: tuple[str, ...] = (), root: Path = WORKFLOW
) -> dict[str, Source]:
    """Return the part of `closure` that can change the bytes of a result.

    The arguments are those of `closure`; the keys are POSIX paths relative to `root`.
    """
    files = {path.relative_to(root).as_posix(): each for path, each in closure(script, built, applied, root).items()}
    return {file: each for file, each in files.items() if not file.startswith(OUTSIDE)}


def code(script: str, built: Iterable[str] = (), applied: Iterable[str] = (), root: Path = WORKFLOW) -> dict[str, str]:
    """Return the digests of a script and of each module that can change the bytes of its results.

    The arguments are those of `closure`; the keys are POSIX paths relative to `root`.
    """
    files = counted(script, tuple(sorted(built)), tuple(sorted(applied)), root)
    return {file: each.digest for file, each in files.items()}

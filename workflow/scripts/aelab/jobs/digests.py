"""Digests of Python code that change if and only if the code itself changes.

A digest is computed from the syntax tree without docstrings, so that comments, formatting, docstrings and file times do
not matter. The tree is written out field by field, so that every version of Python gives the same digest.
"""

import ast
import hashlib
from pathlib import Path

# Fields of the tree that have no effect on what runs, or that follow from the other fields.
SILENT = {"ctx", "type_comment", "type_ignores"}


def without_docstrings(tree: ast.AST) -> ast.AST:
    """Remove the docstring of every module, class and function from a syntax tree, in place, and return the tree."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            first = node.body[0] if node.body else None
            if (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and isinstance(first.value.value, str)
            ):
                node.body = node.body[1:]
    return tree


def described(node: object) -> str:
    """Return a syntax tree, or a value in one, as text.

    Absent and empty fields are left out, because newer versions of Python add such fields.
    """
    if isinstance(node, ast.Constant):
        return f"Constant({node.value!r})"
    if isinstance(node, ast.AST):
        fields = [
            f"{name}={described(value)}"
            for name, value in ast.iter_fields(node)
            if name not in SILENT and value is not None and value != []
        ]
        return f"{type(node).__name__}({','.join(fields)})"
    if isinstance(node, list):
        return f"[{','.join(map(described, node))}]"
    return repr(node)


def tree_digest(tree: ast.AST) -> str:
    """Return the digest of a syntax tree, 16 hexadecimal digits. The tree loses its docstrings."""
    return hashlib.sha256(described(without_docstrings(tree)).encode()).hexdigest()[:16]


def source_digest(source: str) -> str:
    """Return the digest of code given as text, 16 hexadecimal digits."""
    return tree_digest(ast.parse(source))


def file_digest(path: Path) -> str:
    """Return the digest of the code in a file, 16 hexadecimal digits."""
    return source_digest(path.read_text(encoding="utf-8"))

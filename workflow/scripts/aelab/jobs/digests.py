"""Digests of Python code that change if and only if the code itself changes.

A digest is computed from the syntax tree without docstrings and without the type hints of functions, so that these,
comments, formatting and file times do not matter. The tree is written out field by field, so that every version of
Python gives the same digest.
"""

import ast
import hashlib
from pathlib import Path

# Fields of the tree that have no effect on what runs, or that follow from the other fields.
SILENT = {"ctx", "type_comment", "type_ignores"}
# Type hints of functions, which nothing here reads. Those of a class's fields stay: a data class reads them.
HINTS = {(ast.arg, "annotation"), (ast.FunctionDef, "returns"), (ast.AsyncFunctionDef, "returns")}
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def body_of(node: ast.AST) -> list[ast.stmt]:
    """Return the statements of a module, class or function without its docstring."""
    first = node.body[0] if node.body else None
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return node.body[1:] if documented and isinstance(first.value.value, str) else node.body


def described(node: object) -> str:
    """Return a syntax tree, or a value in one, as text without docstrings and hints.

    Absent and empty fields are left out, because newer versions of Python add such fields.
    """
    if isinstance(node, ast.Constant):
        return f"Constant({node.value!r})"
    if isinstance(node, ast.AST):
        fields = []
        for name in node._fields:
            value = getattr(node, name, None)
            if value is None or value == [] or name in SILENT or (type(node), name) in HINTS:
                continue
            if name == "body" and isinstance(node, DOCUMENTED):
                value = body_of(node)
                if not value:
                    continue
            fields.append(f"{name}={described(value)}")
        return f"{type(node).__name__}({','.join(fields)})"
    if isinstance(node, list):
        return f"[{','.join(map(described, node))}]"
    return repr(node)


def tree_digest(tree: ast.AST) -> str:
    """Return the digest of a syntax tree, 16 hexadecimal digits."""
    return hashlib.sha256(described(tree).encode()).hexdigest()[:16]


def source_digest(source: str) -> str:
    """Return the digest of code given as text, 16 hexadecimal digits."""
    return tree_digest(ast.parse(source))


def file_digest(path: Path) -> str:
    """Return the digest of the code in a file, 16 hexadecimal digits."""
    return source_digest(path.read_text(encoding="utf-8"))

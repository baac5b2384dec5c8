"""A digest of a file of Python code that changes when, and only when, what the code does can change.

It is taken over the syntax tree without docstrings, so that comments, formatting, docstrings and file
times mean nothing, and written out here field by field, so that every version of Python gives the same.
"""

import ast
import hashlib

# Fields of the tree that say nothing about what runs, or that follow from the rest.
SILENT = {"ctx", "type_comment", "type_ignores"}


def without_docstrings(tree):
    """The syntax tree with the docstring of every module, class and function removed."""
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


def described(node):
    """A syntax tree as text. Absent and empty fields are left out: newer Pythons add such fields."""
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


def tree_digest(tree):
    """16 hexadecimal digits of a syntax tree, which loses its docstrings."""
    return hashlib.sha256(described(without_docstrings(tree)).encode()).hexdigest()[:16]


def source_digest(source):
    """16 hexadecimal digits that change when, and only when, the code of `source` changes."""
    return tree_digest(ast.parse(source))


def file_digest(path):
    """`source_digest` of a file."""
    return source_digest(path.read_text(encoding="utf-8"))

"""Environment variables that Python code reads, found by parsing it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from autodeploy.recon.fact import DERIVED, Fact
from autodeploy.recon.tree import Tree
from autodeploy.recon.variables import DEFAULT, REQUIRED

FILES = ("config.py", "settings.py", "app/config.py", "app/settings.py", "src/config.py")
# decouple's, environ's and environs' readers fail without a default.
READERS = frozenset({"config", "env"})
KINDS = frozenset(
    {"str", "bool", "int", "float", "list", "url", "json", "db", "db_url", "dj_db_url"}
)


def variables(tree: Tree, sources: Iterable[str]) -> Iterator[Fact]:
    """What the files read, each with whether it has a default."""
    for path in dict.fromkeys((*sources, *FILES)):
        nodes = list(ast.walk(module)) if (module := tree.python(path)) else []
        replaced = {id(one) for node in nodes for one in _alternatives(node)}
        for node in nodes:
            if found := _read(node):
                name, meaning, line = found
                meaning = DEFAULT if id(node) in replaced else meaning
                yield Fact(name, path, line, DERIVED, meaning)


def _alternatives(node: ast.AST) -> list[ast.expr]:
    """What stands before an `or`: there is a default behind it."""
    return node.values[:-1] if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or) else []


def _read(node: ast.AST) -> tuple[str, str | None, int] | None:
    if isinstance(node, ast.Subscript) and _is_environ(node.value):
        name = _text(node.slice)
        return (name, REQUIRED, node.lineno) if name and isinstance(node.ctx, ast.Load) else None
    if not isinstance(node, ast.Call) or not node.args or not (name := _text(node.args[0])):
        return None
    default = len(node.args) > 1 or any(one.arg == "default" for one in node.keywords)
    if _asks_environ(node.func):
        return name, DEFAULT if default else None, node.lineno
    if _is_reader(node.func) and name.isupper():
        return name, DEFAULT if default else REQUIRED, node.lineno
    return None


def _asks_environ(function: ast.expr) -> bool:
    """os.getenv(...), getenv(...), os.environ.get(...)."""
    called = getattr(function, "attr", None) or getattr(function, "id", None)
    if called == "getenv":
        return True
    return isinstance(function, ast.Attribute) and called == "get" and _is_environ(function.value)


def _is_reader(function: ast.expr) -> bool:
    """config(...), env(...), env.bool(...)."""
    if isinstance(function, ast.Attribute) and function.attr in KINDS:
        function = function.value
    return getattr(function, "id", None) in READERS


def _is_environ(node: ast.expr) -> bool:
    return (getattr(node, "attr", None) or getattr(node, "id", None)) == "environ"


def _text(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None

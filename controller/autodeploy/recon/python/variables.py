"""Environment variables that Python code reads, found by parsing it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from autodeploy.recon.fact import DERIVED, Fact
from autodeploy.recon.tree import Tree
from autodeploy.recon.variables import DEFAULT, REQUIRED

FILES = (
    *("config.py", "settings.py", "app/config.py", "app/settings.py", "src/config.py"),
    *("app/core/config.py", "app/core/settings.py", "core/config.py"),
)
# decouple's, environ's and environs' readers fail without a default.
READERS = frozenset({"config", "env"})
Reading = tuple[str, str | None, int]
KINDS = frozenset(
    {"str", "bool", "int", "float", "list", "url", "json", "db", "db_url", "dj_db_url"}
)


def variables(tree: Tree, sources: Iterable[str]) -> Iterator[Fact]:
    """What the files read, each with whether it has a default."""
    for path in dict.fromkeys((*sources, *FILES)):
        nodes = tree.nodes(path)
        replaced = {id(one) for node in nodes for one in _alternatives(node)}
        maybe = {id(inner) for node in nodes for one in _branches(node) for inner in ast.walk(one)}
        for node in nodes:
            for name, meaning, line in _read(node):
                if id(node) in replaced:
                    meaning = DEFAULT
                elif id(node) in maybe and meaning == REQUIRED:
                    meaning = None
                yield Fact(name, path, line, DERIVED, meaning)


def _branches(node: ast.AST) -> list[ast.AST]:
    """What may not be run: a default or another way may be in the other branch."""
    if isinstance(node, ast.If | ast.Try):
        return [*node.body, *node.orelse]
    return [node.body, node.orelse] if isinstance(node, ast.IfExp) else []


def _alternatives(node: ast.AST) -> list[ast.expr]:
    """What stands before an `or`: there is a default behind it."""
    return node.values[:-1] if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or) else []


def _read(node: ast.AST) -> Iterator[Reading]:
    if isinstance(node, ast.Subscript) and _is_environ(node.value):
        name = _text(node.slice)
        if name and isinstance(node.ctx, ast.Load):
            yield name, REQUIRED, node.lineno
    elif isinstance(node, ast.Call):
        yield from _called(node)
    elif isinstance(node, ast.ClassDef) and any(_names(one, "BaseSettings") for one in node.bases):
        yield from _fields(node)


def _called(node: ast.Call) -> Iterator[Reading]:
    name = _text(node.args[0]) if node.args else None
    default = len(node.args) > 1 or any(one.arg == "default" for one in node.keywords)
    if _names(node.func, "Env"):  # environ.Env(DEBUG=(bool, False))
        for one in node.keywords:
            if one.arg and isinstance(one.value, ast.Tuple):
                yield one.arg, DEFAULT, node.lineno
    elif name and _asks_environ(node.func):
        yield name, DEFAULT if default else None, node.lineno
    elif name and _is_reader(node.func) and name.isupper():
        yield name, DEFAULT if default else REQUIRED, node.lineno


def _fields(node: ast.ClassDef) -> Iterator[Reading]:
    """Pydantic's settings: a field is a variable, in any case of letters."""
    for one in node.body:
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name):
            name = one.target.id
            if not name.startswith("_") and name != "model_config":
                yield name.upper(), DEFAULT if one.value else REQUIRED, one.lineno


def _names(node: ast.expr, name: str) -> bool:
    return name in (getattr(node, "id", None), getattr(node, "attr", None))


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

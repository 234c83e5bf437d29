"""Where a Python web application's object or factory is, found by parsing its sources."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from autodeploy.recon.tree import Tree

MODULES = ("app", "main", "wsgi", "asgi", "server", "application", "api", "run", "index", "hello")
FACTORIES = ("create_app", "make_app", "app_factory", "build_app", "get_app")
CLASSES = {
    "flask": ("Flask",),
    "quart": ("Quart",),
    "bottle": ("Bottle",),
    "falcon": ("App", "API"),
    "fastapi": ("FastAPI",),
    "starlette": ("Starlette",),
    "litestar": ("Litestar",),
    "sanic": ("Sanic",),
    "fasthtml": ("FastHTML", "fast_app"),
}
MAX_PACKAGES = 30


@dataclass(frozen=True)
class Entry:
    """A WSGI or ASGI callable.

    Attributes:
        target: As gunicorn and uvicorn name it: `module:variable`; a factory has no parentheses.
        variable: The application's name in its file.
        factory: Whether it must be called first.
        file: Where it is.
        line: Its line.
    """

    target: str
    variable: str
    factory: bool
    file: str
    line: int


def find_entry(tree: Tree, framework: str) -> Entry | None:
    """The application of the framework: an object before a factory, likely files first."""
    classes = CLASSES.get(framework, ())
    factory = None
    for path in _files(tree):
        module = tree.python(path)
        if module is None:
            continue
        if name := _object(module, classes):
            return _entry(path, name[0], name[1], factory=False)
        factory = factory or _factory(path, module)
    return factory


def _files(tree: Tree) -> Iterator[str]:
    """Likely files first, then the root's others, then the packages of the root and of src."""
    for folder in ("", "src"):
        yield from _likely(tree, folder)
    for folder in ("", "src"):
        packages = tree.folders(folder)[:MAX_PACKAGES]
        for name in sorted(packages, key=lambda one: MODULES.index(one) if one in MODULES else 99):
            yield from _likely(tree, f"{folder}/{name}".lstrip("/"))


def _likely(tree: Tree, folder: str) -> Iterator[str]:
    files = [name for name in tree.files(folder) if name.endswith(".py")]
    known = [f"{module}.py" for module in ("__init__", *MODULES)]
    for name in [one for one in known if one in files]:
        yield f"{folder}/{name}".lstrip("/")
    for name in files if not folder else ():
        if name not in known and not name.startswith(("test", "conftest", "setup", "manage")):
            yield name


def _object(module: ast.Module, classes: tuple[str, ...]) -> tuple[str, int] | None:
    """A module-level name that holds an application, or what a factory gave."""
    made = [one for statement in module.body for one in _assigned(statement)]
    for name, call, line in made:
        if _called(call) in classes:
            return name, line
    for name, call, line in made:
        if name in ("app", "application") and _called(call) in FACTORIES:
            return name, line
    return None


def _assigned(statement: ast.stmt) -> Iterator[tuple[str, ast.Call, int]]:
    if isinstance(statement, ast.Assign):
        targets, value = statement.targets, statement.value
    elif isinstance(statement, ast.AnnAssign) and statement.value:
        targets, value = [statement.target], statement.value
    else:
        return
    for target in targets:
        first = target.elts[0] if isinstance(target, ast.Tuple) and target.elts else target
        if isinstance(first, ast.Name) and isinstance(value, ast.Call):
            yield first.id, value, statement.lineno


def _called(call: ast.Call) -> str:
    return str(getattr(call.func, "attr", None) or getattr(call.func, "id", ""))


def _factory(path: str, module: ast.Module) -> Entry | None:
    for node in module.body:
        if isinstance(node, ast.FunctionDef) and node.name in FACTORIES and _takes_nothing(node):
            return _entry(path, node.name, node.lineno, factory=True)
    return None


def _takes_nothing(function: ast.FunctionDef) -> bool:
    given = function.args
    needed = len(given.posonlyargs) + len(given.args) - len(given.defaults)
    return needed <= 0 and all(one is not None for one in given.kw_defaults)


def _entry(path: str, name: str, line: int, *, factory: bool) -> Entry:
    parts = path.removeprefix("src/").removesuffix(".py").split("/")
    if parts[-1] == "__init__":
        parts.pop()
    return Entry(f"{'.'.join(parts)}:{name}", name, factory, path, line)

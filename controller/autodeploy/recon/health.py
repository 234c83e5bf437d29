"""The health path: a well-known route that the application's entry really has.

Only routes of the application object itself count: a router's may hang under any prefix.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from autodeploy.recon.django import Project
from autodeploy.recon.fact import DERIVED, Fact
from autodeploy.recon.python_entry import Entry
from autodeploy.recon.tree import Tree

PATHS = (
    "/healthz",
    "/health",
    "/up",
    "/livez",
    "/_health",
    "/healthcheck",
    "/health-check",
    "/health_check",
    "/api/health",
    "/api/healthz",
    "/ping",
)
KNOWN = frozenset(PATHS) | {f"{path}/" for path in PATHS}
PYTHON_ROUTES = frozenset({"route", "get", "add_url_rule", "add_api_route", "path", "re_path"})
# JavaScript and Go have no parser in Python: a call of a routing method with a literal path.
CALL = re.compile(
    r"\b(?:app|application|server|fastify|http|mux|r|e|router|engine|srv)"
    r"\.(?:get|use|all|head|GET|Get|Any|Handle|HandleFunc)"
    r"\(\s*['\"`](?:GET )?(?P<path>/[\w/-]+)['\"`]"
)
MOUNTED = re.compile(r"\brouter\.")


def python_health(tree: Tree, entry: Entry | None, project: Project | None) -> Iterator[Fact]:
    """Routes of the application object, or of Django's root URL configuration."""
    if entry:
        yield from _best(_python_routes(tree, entry.file, {entry.variable, "app", "application"}))
    if project and project.settings:
        urls = project.settings[0].removesuffix("/__init__.py").rpartition("/")[0]
        below = urls.removesuffix("/settings")
        for path in dict.fromkeys((f"{urls}/urls.py", f"{below}/urls.py")):
            yield from _best(_python_routes(tree, path, None))


def lexical_health(tree: Tree, paths: Iterable[str]) -> Iterator[Fact]:
    """Routes in JavaScript's or Go's entry files."""
    yield from _best(route for path in paths for route in _lexical_routes(tree, path))


def _best(routes: Iterable[Fact]) -> list[Fact]:
    known = [route for route in routes if route.value in KNOWN]
    return sorted(known, key=lambda route: PATHS.index(route.value.rstrip("/")))


def _python_routes(tree: Tree, path: str, receivers: set[str] | None) -> Iterator[Fact]:
    module = tree.python(path)
    for node in ast.walk(module) if module else ():
        if not isinstance(node, ast.Call) or not node.args:
            continue
        first, function = node.args[0], node.func
        if not isinstance(first, ast.Constant) or not isinstance(first.value, str):
            continue
        name = getattr(function, "attr", None) or getattr(function, "id", None)
        receiver = getattr(getattr(function, "value", None), "id", None)
        if name in PYTHON_ROUTES and (receivers is None or receiver in receivers):
            yield Fact("/" + first.value.strip("^$").lstrip("/"), path, node.lineno, DERIVED)


def _lexical_routes(tree: Tree, path: str) -> Iterator[Fact]:
    file = tree.read(path)
    for found in CALL.finditer(file.text) if file else ():
        if not (path.endswith(("js", "ts")) and MOUNTED.match(found[0])):
            line = file.text.count("\n", 0, found.start()) + 1 if file else None
            yield Fact(found["path"], path, line, DERIVED)

"""Health routes in Python sources, found by parsing them."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autodeploy.recon.fact import DERIVED, Fact
from autodeploy.recon.health import best
from autodeploy.recon.python.django import Project
from autodeploy.recon.python.entry import Entry
from autodeploy.recon.tree import Tree

ROUTES = frozenset({"route", "get", "add_url_rule", "add_api_route", "path", "re_path"})


def health(tree: Tree, entry: Entry | None, project: Project | None) -> Iterator[Fact]:
    """Routes of the application object, or of Django's root URL configuration."""
    if entry:
        yield from best(_python_routes(tree, entry.file, {entry.variable, "app", "application"}))
    if project and project.settings:
        urls = project.settings[0].removesuffix("/__init__.py").rpartition("/")[0]
        below = urls.removesuffix("/settings")
        for path in dict.fromkeys((f"{urls}/urls.py", f"{below}/urls.py")):
            yield from best(_python_routes(tree, path, None))


def _python_routes(tree: Tree, path: str, receivers: set[str] | None) -> Iterator[Fact]:
    for node in tree.nodes(path):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        first, function = node.args[0], node.func
        if not isinstance(first, ast.Constant) or not isinstance(first.value, str):
            continue
        name = getattr(function, "attr", None) or getattr(function, "id", None)
        receiver = getattr(getattr(function, "value", None), "id", None)
        if name in ROUTES and (receivers is None or receiver in receivers):
            yield Fact("/" + first.value.strip("^$").lstrip("/"), path, node.lineno, DERIVED)

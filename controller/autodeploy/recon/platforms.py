"""What a repository tells other platforms of itself: Fly, Render, Railway, App Engine.

A health path or a port that somebody wrote down for one platform holds on any.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from autodeploy.recon.fact import DECLARED, DERIVED, Fact
from autodeploy.recon.tree import Tree

MAX_SERVICES = 20
PATH = re.compile(r"/[!-~]*")


def facts(tree: Tree) -> dict[str, list[Fact]]:
    """Health path, port and commands."""
    found: dict[str, list[Fact]] = {}
    for field, value, path in (*_fly(tree), *_render(tree), *_railway(tree), *_app_engine(tree)):
        text = str(value).strip() if isinstance(value, str | int) else ""
        if text and (field != "health_path" or PATH.fullmatch(text)):
            sure = DECLARED if field == "health_path" else DERIVED
            found.setdefault(field, []).append(Fact(text, path, tree.line(path, text), sure))
    return found


Said = Iterator[tuple[str, Any, str]]


def _fly(tree: Tree) -> Said:
    path = "fly.toml"
    document = tree.toml(path)
    for service in [document.get("http_service"), *_list(document.get("services"))]:
        if isinstance(service, dict):
            yield "port", service.get("internal_port"), path
            for check in (*_list(service.get("checks")), *_list(service.get("http_checks"))):
                yield "health_path", check.get("path") if isinstance(check, dict) else None, path
    for check in _table(document, "checks").values():
        yield "health_path", check.get("path") if isinstance(check, dict) else None, path
    yield "release_command", _table(document, "deploy").get("release_command"), path


def _render(tree: Tree) -> Said:
    path = "render.yaml"
    web = (
        one
        for one in _list(tree.yaml(path).get("services"))
        if isinstance(one, dict) and one.get("type") == "web"
    )
    service = next(web, {})
    yield "health_path", service.get("healthCheckPath"), path
    yield "start_command", service.get("startCommand"), path


def _railway(tree: Tree) -> Said:
    for path, document in (
        ("railway.json", tree.json("railway.json")),
        ("railway.toml", tree.toml("railway.toml")),
    ):
        deploy = _table(document, "deploy")
        yield "health_path", deploy.get("healthcheckPath"), path
        yield "start_command", deploy.get("startCommand"), path


def _app_engine(tree: Tree) -> Said:
    document = tree.yaml("app.yaml")
    if "runtime" in document:
        yield "start_command", document.get("entrypoint"), "app.yaml"


def _list(value: Any) -> list[Any]:
    return value[:MAX_SERVICES] if isinstance(value, list) else []


def _table(document: dict[str, Any], key: str) -> dict[str, Any]:
    found = document.get(key)
    return found if isinstance(found, dict) else {}

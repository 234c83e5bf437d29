"""Folders of static and of uploaded files, found by parsing Django's settings or the entry."""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Iterator

from autodeploy.recon.fact import CONVENTION, DERIVED, Fact
from autodeploy.recon.python import django
from autodeploy.recon.python.entry import Entry
from autodeploy.recon.tree import Tree

BASES = frozenset({"BASE_DIR", "ROOT_DIR", "PROJECT_ROOT", "ROOT", "BASE_PATH", "PROJECT_DIR"})


def static(tree: Tree, project: django.Project | None, entry: Entry | None) -> Iterator[Fact]:
    """Where files are served from as they are; the meaning is the URL's path."""
    if project:
        yield from _of_settings(tree, project, "STATIC_URL", "STATIC_ROOT", "/static/")
    if entry:
        beside = entry.file.rpartition("/")[0]
        folder = f"{beside}/static".lstrip("/")
        yield from _mounted(tree, entry.file)
        if tree.holds(folder):
            yield Fact(folder, entry.file, None, CONVENTION, "/static/")


def media(tree: Tree, project: django.Project | None) -> Iterator[Fact]:
    """Where uploads are kept; the meaning is the URL's path."""
    if project:
        yield from _of_settings(tree, project, "MEDIA_URL", "MEDIA_ROOT", "/media/")


def _of_settings(
    tree: Tree, project: django.Project, url_name: str, root_name: str, usual: str
) -> Iterator[Fact]:
    url, roots = usual, []
    for path in project.settings:
        for name, value, line in django.assignments(tree, path):
            if name == url_name and (said := _constant(value)):
                url = "/" + said.strip("/") + "/"
            if name == root_name and (folder := _folder(value)):
                roots.append((folder, path, line))
    for folder, path, line in roots:
        place = f"{project.folder}/{folder}" if project.folder else folder
        yield Fact(place, path, line, DERIVED, url)


def _mounted(tree: Tree, path: str) -> Iterator[Fact]:
    """app.mount("/static", StaticFiles(directory="static")), of Starlette and FastAPI."""
    for node in tree.nodes(path):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "mount" and node.args:
            url = _constant(node.args[0])
            for inner in ast.walk(node):
                if isinstance(inner, ast.keyword) and inner.arg == "directory":
                    folder = _folder(inner.value)
                    if url is not None and folder:
                        yield Fact(folder, path, node.lineno, DERIVED, f"/{url.strip('/')}/")


def _folder(value: ast.expr) -> str | None:
    """A path below the base folder: a text, BASE_DIR / "a" / "b", os.path.join(BASE_DIR, "a")."""
    parts = _parts(value)
    if parts is None:
        return None
    folder = posixpath.normpath("/".join(parts)) if parts else "."
    return None if folder in (".", "..") or folder.startswith(("/", "../")) else folder


def _parts(value: ast.expr) -> list[str] | None:
    if (text := _constant(value)) is not None:
        return [text]
    if getattr(value, "id", getattr(value, "attr", None)) in BASES:
        return []
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Div):
        left, right = _parts(value.left), _parts(value.right)
        return None if left is None or right is None else left + right
    if isinstance(value, ast.Call) and value.args:
        plain, method = getattr(value.func, "id", ""), getattr(value.func, "attr", "")
        if plain in ("str", "Path", "join") or method in ("join", "joinpath", "abspath"):
            inner = [_parts(one) for one in value.args]
            flat = [part for one in inner if one is not None for part in one]
            return None if None in inner else flat
    return None


def _constant(value: ast.expr) -> str | None:
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None
